"""A target that can only be planned yet says so, before the engine starts.

Limit: what the plans hold is judged in `tests/contract` and `tests/providers`.
"""

from pathlib import Path

import pytest

from tests.support.laptop import Laptop

PLACES = {
    "azure": "region: westeurope, account: 00000000-0000-0000-0000-000000000001",
}


@pytest.mark.parametrize("target", PLACES)
def test_up_is_refused_with_what_to_do(tmp_path: Path, target: str) -> None:
    laptop = Laptop(tmp_path / "planned")
    laptop.folder.mkdir()
    laptop.run("init", ".", "--yes", "--name", "planned", "--target", target)
    manifest = laptop.folder / "mlops.yaml"
    place = f"{{target: {target}, {PLACES[target]}}}"
    manifest.write_text(manifest.read_text().replace(f"{{target: {target}}}", place))

    process = laptop.start("up")
    out, said = process.communicate(timeout=60)

    assert (process.returncode, out) == (1, "")
    assert f"target `{target}` can be planned, but not applied yet" in said
    assert f"`mlops-iac plan --target {target}`" in said
    assert not (laptop.folder / ".mlops-iac").exists()
