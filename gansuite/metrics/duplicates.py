"""Whether a generator repeats itself."""

from __future__ import annotations

import numpy as np

#: Two pictures are taken to be the same below this root mean square difference, in parts of the range.
SAME = 0.02


def duplicate_share(pictures: np.ndarray) -> float:
    """Return the share of pictures, (n, pixels) in [0, 1], that equal another one among them."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    if len(pictures) < 2:
        return float("nan")
    distances, _ = NearestNeighbors(n_neighbors=2).fit(pictures).kneighbors(pictures)
    return float(np.mean(distances[:, 1] < SAME * np.sqrt(pictures.shape[1])))
