"""Models in archives: found with their digest, and unpacked without trusting them."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_iac.runtime.archives import archived_model, result_in, unpack
from mlops_iac.runtime.errors import ModelRefusedError


def _pack(archive: Path, files: dict[str, str], *odd: tarfile.TarInfo) -> Path:
    with tarfile.open(archive, "w:gz") as packed:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            packed.addfile(member, io.BytesIO(text.encode()))
        for member in odd:
            packed.addfile(member)
    return archive


def _odd(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_the_copy_of_an_alias_tells_version_and_digest(tmp_path: Path) -> None:
    _pack(tmp_path / "model.tar.gz", {"MLmodel": "flavors: {}"})
    (tmp_path / "version.json").write_text('{"version": 12, "digest": "sha256:1"}')
    found = archived_model(tmp_path)

    assert found is not None
    assert (found.version, found.digest) == ("12", "sha256:1")
    assert (found.path / "MLmodel").read_text() == "flavors: {}"


def test_what_a_training_job_left_tells_its_digest(tmp_path: Path) -> None:
    _pack(tmp_path / "model.tar.gz", {"inner/MLmodel": "flavors: {}"})
    result = json.dumps({"model": {"digest": "sha256:2"}})
    _pack(tmp_path / "output.tar.gz", {"./run.json": result, "other.json": "{}"})
    found = archived_model(tmp_path)

    assert found is not None
    assert found.digest == "sha256:2"
    assert found.path.name == "inner"


def test_an_alias_without_a_version_has_no_model(tmp_path: Path) -> None:
    (tmp_path / ".alias").write_text("")

    assert archived_model(tmp_path) is None


def test_a_model_that_nothing_names_is_refused(tmp_path: Path) -> None:
    _pack(tmp_path / "model.tar.gz", {"MLmodel": "flavors: {}"})
    _pack(tmp_path / "output.tar.gz", {"other.json": "{}"})

    with pytest.raises(ModelRefusedError, match="nothing beside"):
        archived_model(tmp_path)


@pytest.mark.parametrize(
    "hostile",
    [
        _odd("link", tarfile.SYMTYPE, "/etc/passwd"),
        _odd("hard", tarfile.LNKTYPE, "MLmodel"),
        _odd("device", tarfile.CHRTYPE),
        _odd("pipe", tarfile.FIFOTYPE),
        _odd("../outside", tarfile.REGTYPE),
        _odd("a/../../outside", tarfile.REGTYPE),
    ],
    ids=lambda member: member.name,
)
def test_an_archive_that_leads_out_of_its_folder_is_refused(
    hostile: tarfile.TarInfo, tmp_path: Path
) -> None:
    archive = _pack(tmp_path / "model.tar.gz", {"MLmodel": ""}, hostile)
    target = tmp_path / "target"
    target.mkdir()

    with pytest.raises(ModelRefusedError):
        unpack(archive, target)
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(("limit", "value"), [("MAX_FILES", 1), ("MAX_BYTES", 4)])
def test_an_archive_that_is_too_large_is_refused(
    limit: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"mlops_iac.runtime.archives.{limit}", value)
    archive = _pack(tmp_path / "model.tar.gz", {"one": "123", "two": "456"})

    with pytest.raises(ModelRefusedError, match="more than"):
        unpack(archive, tmp_path / "target")


@pytest.mark.parametrize("read", [result_in, lambda path: unpack(path, path.parent)])
def test_what_is_no_archive_is_refused(read: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "output.tar.gz"
    path.write_bytes(b"no archive")

    with pytest.raises(ModelRefusedError):
        read(path)
