"""How large pictures are beside those that were learned from."""

from __future__ import annotations

from typing import Any

import pytest

from gansuite_translation.config import Sides
from gansuite_translation.scale import enlargement, learned_form, remark


def data(**changes: Any) -> Sides:
    return Sides(**{"size": 256, "jitter": 30, **changes})


@pytest.mark.parametrize(
    ("fit", "height", "width", "times"),
    [
        *(("stretch", 600, 600, 600 / 286), ("stretch", 286, 572, 2.0), ("stretch", 143, 400, 0.5)),
        *(("crop", 286, 2000, 1.0), ("crop", 143, 286, 0.5)),
        *(("pad", 100, 572, 2.0), ("pad", 20, 10, 1.0)),
    ],
)
def test_a_picture_is_compared_with_what_training_would_have_made_of_it(
    fit: str, height: int, width: int, times: float
) -> None:
    assert enlargement(height, width, data(fit=fit)) == pytest.approx(times)


def test_what_differs_much_is_worth_a_remark() -> None:
    said = "is 500 × 600: what it shows is 2.1 times as large as in training, which brought pictures to "
    assert remark(600, 500, data()) == f"{said}286 × 286"
    assert "4.0 times as small" in str(remark(4, 4, data(size=16, jitter=0)))
    for height, width in ((256, 256), (286, 400), (200, 286)):
        assert remark(height, width, data()) is None


def test_what_was_learned_is_the_form_of_evaluation() -> None:
    form = learned_form(data(channels=1, fit="crop"))
    assert (form.size, form.channels, form.fit) == (256, 1, "crop")
