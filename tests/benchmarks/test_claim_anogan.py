"""The claims of anomaly detection are measured by one command each."""

from __future__ import annotations

from pathlib import Path

import pytest
from benching import quick


@pytest.mark.parametrize("plugin", ["anogan", "f-anogan"])
def test_a_class_is_told_from_the_others(repository: Path, shared_data: Path, plugin: str) -> None:
    data = str(shared_data / "fashion-mnist")
    result = quick(repository, "claims/anogan", plugin, "--classes", "8", "--data", data)
    assert result["classes"]["8"]["AUROC, PCA"] > 0.5
    assert [figure["promise"] for figure in result["figures"]][1] == "-"


def test_searching_together_gives_what_searching_alone_does(repository: Path) -> None:
    *_, apart, moved = quick(repository, "latent_search")["figures"]
    assert apart["value"] < 1e-4
    assert moved["value"] == 0
