"""The form every picture of a data set is brought into."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
from PIL import Image

Fit = Literal["crop", "pad", "stretch"]
WHITE = (255, 255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Form:
    """Size, channels, and what happens to pictures of another shape.

    Args:
        size: height and width.
        channels: 1 for grey, 3 for RGB.
        fit: `crop` scales the shorter side to size and cuts the middle out; `pad` shrinks where necessary,
            never enlarges, and fills up with black; `stretch` ignores the proportions.
    """

    size: int
    channels: int
    fit: Fit = "crop"

    def mapping(self) -> dict[str, Any]:
        """As JSON-able values, for a worker process or the key of a cache."""
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> Self:
        """The inverse of `mapping`."""
        return cls(**values)

    def apply(self, picture: Image.Image) -> np.ndarray:
        """Bring a picture of any mode and size into this form.

        Transparency is laid over white; 16-bit values lose their lower byte.

        Returns:
            uint8 (size, size, channels).
        """
        fitted = self._fitted(as_channels(picture, self.channels))
        return np.asarray(fitted, np.uint8).reshape(self.size, self.size, self.channels)

    def apply_to_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """Bring pixels, uint8 (h, w), (h, w, 1) or (h, w, 3), into this form."""
        return self.apply(Image.fromarray(pixels[..., 0] if pixels.shape[2:] == (1,) else pixels))

    def _fitted(self, picture: Image.Image) -> Image.Image:
        if self.fit == "pad":
            return self._padded(picture)
        width, height = picture.size
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        box = (left, top, left + side, top + side) if self.fit == "crop" else (0, 0, width, height)
        return self._resized(picture, (self.size, self.size), box)

    def _padded(self, picture: Image.Image) -> Image.Image:
        width, height = picture.size
        scale = min(1.0, self.size / max(width, height))
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        small = self._resized(picture, (width, height), (0, 0, *picture.size))
        canvas = Image.new(picture.mode, (self.size, self.size))
        canvas.paste(small, ((self.size - width) // 2, (self.size - height) // 2))
        return canvas

    @staticmethod
    def _resized(
        picture: Image.Image, size: tuple[int, int], box: tuple[float, float, float, float]
    ) -> Image.Image:
        shrinks = box[2] - box[0] >= size[0]
        method = Image.Resampling.LANCZOS if shrinks else Image.Resampling.BICUBIC
        return picture.resize(size, method, box=box)


def as_channels(picture: Image.Image, channels: int) -> Image.Image:
    """Return a picture of any mode as grey (1 channel) or RGB (3): transparency over white, 16 bits as 8."""
    mode = "L" if channels == 1 else "RGB"
    if picture.mode.startswith("I"):
        picture = Image.fromarray((np.asarray(picture, np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, WHITE), picture)
    return picture if picture.mode == mode else picture.convert(mode)
