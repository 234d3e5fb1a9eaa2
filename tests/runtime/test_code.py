"""Proves that code is unpacked into a private folder, and that no archive writes elsewhere."""

import stat
import zipfile
from pathlib import Path

import pytest

from mlops_iac.runtime import code
from mlops_iac.runtime.errors import RuntimeSettingError


def archive(path: Path, *members: tuple[zipfile.ZipInfo | str, bytes]) -> dict[str, str]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return {"MLOPS_CODE": str(path)}


def linked(name: str, kind: int) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (kind | 0o777) << 16
    return member


@pytest.fixture(autouse=True)
def unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    monkeypatch.setattr(code.tempfile, "mkdtemp", lambda **_: str(folder))
    return folder


def test_code_is_unpacked_privately(tmp_path: Path) -> None:
    given = archive(tmp_path / "c.zip", ("train.py", b"1"), ("part/help.py", b"2"))

    folder = code.code_folder(given)
    assert folder is not None
    assert (folder / "part/help.py").read_bytes() == b"2"
    assert stat.S_IMODE((folder / "part").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "train.py").stat().st_mode) == 0o600


def test_a_folder_is_itself_and_nothing_is_nothing(tmp_path: Path) -> None:
    assert code.code_folder({"MLOPS_CODE": str(tmp_path)}) == tmp_path
    assert code.code_folder({}) is None
    with pytest.raises(RuntimeSettingError, match="neither a folder nor a zip file"):
        code.code_folder({"MLOPS_CODE": str(tmp_path / "none.zip")})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../out.py", "leads out"),
        ("a/../../out.py", "leads out"),
        ("/out.py", "leads out"),
        ("..\\out.py", "leads out"),
        ("C:out.py", "leads out"),
        (linked("link", stat.S_IFLNK), "link or a device"),
        (linked("pipe", stat.S_IFIFO), "link or a device"),
    ],
)
def test_what_leads_out_is_refused_before_anything_is_written(
    tmp_path: Path, unpacked: Path, name: zipfile.ZipInfo | str, reason: str
) -> None:
    given = archive(tmp_path / "c.zip", ("first.py", b"1"), (name, b"/etc/passwd"))

    with pytest.raises(RuntimeSettingError, match=reason):
        code.code_folder(given)
    assert list(unpacked.iterdir()) == []
    assert not (tmp_path / "out.py").exists()


def test_a_bomb_is_refused_by_what_comes_out(
    tmp_path: Path, unpacked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "MAX_BYTES", 3 << 20)
    given = archive(tmp_path / "c.zip", ("a", bytes(2 << 20)), ("b", bytes(2 << 20)))

    with pytest.raises(RuntimeSettingError, match="unpacks to more than"):
        code.code_folder(given)
    assert sum(path.stat().st_size for path in unpacked.iterdir()) <= 3 << 20

    monkeypatch.setattr(code, "MAX_FILES", 1)
    with pytest.raises(RuntimeSettingError, match="holds 2 files"):
        code.code_folder(given)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    given = archive(tmp_path / "c.zip", ("a", b"1"), ("a", b"2"))

    with pytest.raises(RuntimeSettingError, match="a name twice"):
        code.code_folder(given)
