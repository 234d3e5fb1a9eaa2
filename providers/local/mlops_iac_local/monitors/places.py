"""Where an endpoint keeps what it captured, and what people told of it."""

from pathlib import Path

from mlops_iac_local.layout import Layout


def captured(layout: Layout, endpoint: str) -> Path:
    """Return the folder with what an endpoint's server captured."""
    return layout.endpoint(endpoint) / "capture"


def truth(layout: Layout, endpoint: str) -> Path:
    """Return the folder with the truth of an endpoint's predictions."""
    return layout.endpoint(endpoint) / "truth"


def told_files(layout: Layout, endpoint: str) -> list[Path]:
    """Return the files of truth of an endpoint, oldest first."""
    return sorted(truth(layout, endpoint).glob("[!.]*.parquet"))
