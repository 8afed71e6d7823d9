"""PSNR and SSIM against hand-computed values, another implementation, and published figures."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import color, metrics

from gansuite.data.images.bicubic import enlarge
from gansuite.metrics.luma import luma, without_border
from gansuite.metrics.psnr import mean_psnr, psnr
from gansuite.metrics.ssim import ssim

RNG = np.random.default_rng(0)
ONE = RNG.uniform(0, 255, (31, 44, 3))
OTHER = (ONE + RNG.normal(0, 20, ONE.shape)).clip(0, 255)


def test_psnr_of_a_known_error() -> None:
    black = np.zeros((4, 5, 3))
    assert psnr(black, black + 1, peak=1) == pytest.approx(0)
    assert psnr(black, black + 0.1) == pytest.approx(20)
    assert psnr(black.astype(np.uint8), np.full((4, 5, 3), 51, np.uint8), peak=255) == pytest.approx(
        20 * math.log10(5)
    )
    assert psnr(black, black) == math.inf


@pytest.mark.parametrize(
    ("ratios", "mean", "said"),
    [
        ([20.0, 30.0], 25.0, ""),
        ([20.0, math.inf, 30.0], 25.0, ", 1 exact one left out"),
        ([math.inf, 20.0, math.inf], 20.0, ", 2 exact ones left out"),
        ([math.inf, math.inf], math.inf, ", infinite since all are exact"),
    ],
)
def test_exact_pictures_are_left_out_of_the_mean_and_counted(
    ratios: list[float], mean: float, said: str
) -> None:
    assert mean_psnr(ratios) == mean_psnr(np.array(ratios)) == (mean, said)


def test_a_ratio_that_is_no_number_stays_one() -> None:
    value, said = mean_psnr([20.0, math.nan, math.inf])
    assert math.isnan(value)
    assert said == ", 1 exact one left out"


def test_psnr_and_ssim_are_those_of_scikit_image() -> None:
    assert psnr(ONE, OTHER, peak=255) == pytest.approx(
        metrics.peak_signal_noise_ratio(ONE, OTHER, data_range=255)
    )
    expected = metrics.structural_similarity(
        ONE, OTHER, data_range=255, channel_axis=-1, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False,
    )  # fmt: skip
    assert ssim(ONE, OTHER, peak=255) == pytest.approx(expected, rel=1e-9)
    assert ssim(ONE / 255, OTHER / 255) == pytest.approx(expected, rel=1e-9)
    assert ssim(ONE, ONE, peak=255) == pytest.approx(1)


def test_a_border_does_not_count() -> None:
    framed = OTHER.copy()
    framed[:4] = framed[-4:] = framed[:, :4] = framed[:, -4:] = 0
    for measure in (psnr, ssim):
        assert measure(ONE, framed, peak=255, border=4) == measure(ONE, OTHER, peak=255, border=4)
        assert measure(ONE, framed, peak=255) != measure(ONE, OTHER, peak=255)


def test_brightness_is_that_of_matlab_s_rgb2ycbcr() -> None:
    pixels = RNG.integers(0, 256, (6, 7, 3), np.uint8)
    expected = color.rgb2ycbcr(pixels)[..., :1]
    np.testing.assert_allclose(luma(pixels, peak=255), expected, atol=1e-9)
    np.testing.assert_allclose(luma(pixels / 255) * 255, expected, atol=1e-9)
    assert luma(np.full((1, 1, 3), 255), peak=255).item() == pytest.approx(235)


def test_similarity_needs_little_more_room_than_what_is_compared() -> None:
    """Eleven shifted copies of a picture, and their stack, would be more than twice as much."""
    large = np.random.default_rng(0).random((400, 400, 1))
    tracemalloc.start()
    ssim(large, large)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * large.nbytes


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ValueError, match="different shapes"):
        psnr(ONE, OTHER[1:])
    with pytest.raises(ValueError, match="different shapes"):
        ssim(ONE, OTHER[..., :1])
    with pytest.raises(ValueError, match="spare"):
        without_border(ONE, 16)
    with pytest.raises(ValueError, match="smaller than the window"):
        ssim(ONE, OTHER, border=11)


def test_bicubic_pictures_of_set5_have_the_published_figures(shared_data: Path) -> None:
    figures = []
    for file in sorted((shared_data / "set5" / "x4").glob("*_HR.png")):
        with Image.open(file) as high, Image.open(file.with_name(file.name.replace("_HR", "_LR"))) as low:
            pictures = np.asarray(high), enlarge(np.asarray(low), 4)
        a, b = (luma(picture, peak=255) for picture in pictures)
        figures.append((psnr(a, b, peak=255, border=4), ssim(a, b, peak=255, border=4)))
    # Published: 28.42 or 28.43 dB, depending on whether brightness is rounded, and .8104 to .8211.
    assert np.mean(figures, axis=0) == pytest.approx([28.43, 0.811], abs=0.005)
