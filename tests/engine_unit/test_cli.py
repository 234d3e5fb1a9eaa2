"""Proves how the CLI is found, refused and built, with fake `pulumi` scripts on a private PATH.

Limit: Pulumi's own installer needs its download site; the real build runs only with `-m slow`.
"""

import stat
from pathlib import Path

import pytest

from mlops_iac.engine import build, cli, errors


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli, "tool_folder", lambda: tmp_path / "tools" / "bin")
    return tmp_path


def test_the_first_usable_cli_wins(empty_machine: Path) -> None:
    script(empty_machine / "path" / "pulumi", "echo v3.1.0")
    ours = script(empty_machine / "tools" / "bin" / "pulumi", "echo v3.250.0-dev")
    script(empty_machine / "home" / ".pulumi" / "bin" / "pulumi", "echo v3.260.0")

    assert cli.find_pulumi() == ours


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("echo v3.100.0", "3.206.0 or newer"),
        ("echo v4.0.0", "same major"),
        ("echo hello", "no version"),
        ("exit 3", "does not answer"),
    ],
)
def test_an_unusable_cli_says_why(empty_machine: Path, body: str, problem: str) -> None:
    path = script(empty_machine / "path" / "pulumi", body)

    assert problem in (cli.version_problem(path) or "")
    assert cli.find_pulumi() is None


def test_when_nothing_works_all_that_was_tried_is_named(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_target: Path, _progress: cli.Progress) -> Path:
        raise OSError("no route to host")

    script(empty_machine / "path" / "pulumi", "echo v3.1.0")
    monkeypatch.setattr(cli, "_download", fail)
    monkeypatch.setattr(cli, "_build", fail)

    with pytest.raises(errors.CliMissingError) as caught:
        cli.ensure_pulumi(lambda _line: None)

    assert "3.1.0" in caught.value.message
    assert caught.value.message.count("no route to host") == 2
    assert "PATH" in caught.value.remedy


def test_the_build_is_pinned_by_the_shipped_sums() -> None:
    command = build.build_command(Path("/go"), Path("/out"))

    assert command[-3:] == ["-o", "/out", build.PACKAGE]
    assert "-mod=readonly" in command
    assert f"pulumi/pkg/v3 v{build.PULUMI_VERSION}" in (build.MODULE_FOLDER / "go.mod").read_text()
    assert (build.MODULE_FOLDER / "go.sum").exists()


def test_a_failed_build_leaves_nothing(empty_machine: Path) -> None:
    body = 'if [ "$1" = env ]; then echo go1.26.0; else echo "no module"; exit 1; fi'
    script(empty_machine / "path" / "go", body)
    target = empty_machine / "bin" / "pulumi"
    target.parent.mkdir()
    lines: list[str] = []

    with pytest.raises(errors.CliMissingError, match="no module"):
        build.build_pulumi(target, lines.append)

    assert not list(target.parent.iterdir())
    assert "no module" in lines


def test_an_old_go_is_not_taken(empty_machine: Path) -> None:
    script(empty_machine / "path" / "go", "echo go1.21.5")

    assert build.find_go() is None


@pytest.mark.slow
@pytest.mark.deep
@pytest.mark.timeout(600)
def test_the_real_build_answers_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    if build.find_go() is None:
        pytest.skip("no Go on this machine")

    build.build_pulumi(tmp_path / "pulumi", lambda _line: None)

    assert cli.version_problem(tmp_path / "pulumi") is None
    assert (tmp_path / "pulumi").stat().st_mode & stat.S_IXUSR
