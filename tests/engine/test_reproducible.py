"""The same declaration in another place gives the same hashes and the same metrics.

Proves it for two folders on one machine with the same packages, through the real engine. Limit:
another processor may round differently; the package versions are part of a run's key.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.laptop import Laptop
from tests.support.loop_project import write_project

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

HASHED = {
    "readings": ("version",),
    "failures": ("version",),
    "contract": ("key",),
    "hourly": ("key", "data"),
    "machines": ("version",),
    "learn": ("key", "metrics"),
}
"""Outputs that must be the same everywhere."""
LEFT_OUT = ("again", "nightly", "refresh", "score", "search", "trials", "watch")


@pytest.fixture(scope="module")
def laptops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Laptop]]:
    """The same project in two folders, up to the trained model."""
    made = [Laptop(tmp_path_factory.mktemp(name) / "project") for name in ("here", "elsewhere")]
    for laptop in made:
        laptop.folder.mkdir()
        write_project(laptop.folder)
        only_training(laptop.folder / "mlops.yaml")
    yield made
    for laptop in made:
        laptop.run("destroy", "--yes")


def only_training(manifest: Path) -> None:
    """Leave out what comes after the training."""
    gone = "".join(f"    {name}: null\n" for name in LEFT_OUT)
    text = manifest.read_text(encoding="utf-8").replace("    experiment: trials\n", "")
    manifest.write_text(f"{text}environments:\n  dev:\n    components:\n{indented(gone)}")


def indented(text: str) -> str:
    """Return lines two further in."""
    return "".join(f"  {line}\n" for line in text.splitlines())


def hashes(laptop: Laptop) -> dict[str, Any]:
    """Make the stack and return what must not depend on the place."""
    outputs = laptop.json("up")["outputs"]
    return {(name, field): outputs[name][field] for name, fs in HASHED.items() for field in fs}


def test_the_same_declaration_gives_the_same_hashes_and_metrics(laptops: list[Laptop]) -> None:
    here, elsewhere = laptops
    first, second = hashes(here), hashes(elsewhere)

    assert first == second
    assert all(first.values())

    manifest = elsewhere.folder / "mlops.yaml"
    manifest.write_text("# a comment changes nothing\n" + manifest.read_text())
    assert set(elsewhere.json("up")["changes"]) == {"same"}

    script = elsewhere.folder / "training" / "train.py"
    script.write_text(script.read_text().replace(".dropna()", ".dropna().head(900)"))
    third = hashes(elsewhere)
    changed = {place for place, value in third.items() if value != first[place]}
    assert changed == {("learn", "key"), ("learn", "metrics")}
