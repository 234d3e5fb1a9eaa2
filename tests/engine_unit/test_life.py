"""Proves that the real engine runs inline programs on the local back end, privately.

Limit: components and outputs only; no provider plugin takes part.
"""

import os
import stat
from pathlib import Path
from typing import Any

import pulumi
import pytest

from mlops_iac.engine import errors
from mlops_iac.engine.automation import Engine, Program
from mlops_iac.engine.backend import environment
from mlops_iac.engine.events import Diagnostic, Event, ResourceStep, Status
from tests.engine_unit.programs import SECRET, small

pytestmark = pytest.mark.engine


def engine(project_dir: Path, program: Program = small, **options: Any) -> Engine:
    return Engine(project="demo", stack="dev", project_dir=project_dir, program=program, **options)


def test_up_then_up_then_destroy(project_dir: Path) -> None:
    seen: list[Event] = []

    planned = engine(project_dir).preview()
    made = engine(project_dir, on_event=seen.append).up()
    again = engine(project_dir).up()
    gone = engine(project_dir).destroy()

    assert planned.changes == {"create": 2}
    assert made.changes == {"create": 2}
    assert made.outputs["answer"].value == 42
    assert made.outputs["password"].value == SECRET
    assert SECRET not in repr(made)
    assert SECRET not in str(made.outputs["password"])
    assert again.changed == 0
    assert gone.changes == {"delete": 2}
    steps = [item for item in seen if isinstance(item, ResourceStep) and item.name == "a"]
    assert [(step.op, step.status) for step in steps] == [
        ("create", Status.STARTED),
        ("create", Status.DONE),
    ]


def test_every_file_is_private_and_holds_no_secret(project_dir: Path) -> None:
    before = os.umask(0o022)
    try:
        engine(project_dir, config={"mlops-iac:target": "local"}).up()
    finally:
        os.umask(before)

    private = project_dir / ".mlops-iac"
    files = [path for path in private.rglob("*") if path.is_file()]
    assert len(files) >= 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "pulumi").stat().st_mode) == 0o700
    assert not [path for path in files if SECRET in path.read_text()]
    logs = (path for path in (project_dir.parent / "pulumi-home").rglob("*") if path.is_file())
    assert not [path for path in logs if SECRET.encode() in path.read_bytes()]


def test_export_keeps_secrets_encrypted(project_dir: Path) -> None:
    subject = engine(project_dir)
    subject.up()

    assert SECRET not in str(subject.export())


def test_a_run_error_is_its_message_without_a_trace(project_dir: Path) -> None:
    seen: list[Event] = []

    def refuse() -> None:
        raise pulumi.RunError("replicas: 0 is too few")

    with pytest.raises(errors.ProgramError) as caught:
        engine(project_dir, refuse, on_event=seen.append).up()

    assert caught.value.message == "replicas: 0 is too few"
    assert isinstance(caught.value.__cause__, Exception)
    messages = [item.message for item in seen if isinstance(item, Diagnostic)]
    assert messages == ["replicas: 0 is too few"]


def test_a_missing_plugin_has_a_remedy_and_nothing_is_fetched(project_dir: Path) -> None:
    with pytest.raises(errors.PluginMissingError, match="pulumi-resource-nowhere") as caught:
        engine(project_dir, lambda: pulumi.CustomResource("nowhere:a:B", "c", {})).up()

    assert "mlops-iac plugin install" in caught.value.remedy


def test_a_wrong_passphrase_is_named(project_dir: Path) -> None:
    engine(project_dir).up()
    (project_dir / ".mlops-iac" / "passphrase").write_text("another\n")

    with pytest.raises(errors.PassphraseError, match="incorrect passphrase"):
        engine(project_dir).up()


def test_an_exception_of_the_callback_is_raised(project_dir: Path) -> None:
    def broken(_event: Event) -> None:
        raise LookupError("no terminal")

    with pytest.raises(LookupError, match="no terminal"):
        engine(project_dir, on_event=broken).up()


def test_the_callers_back_end_and_passphrase_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", SECRET)

    variables = environment(tmp_path)

    assert variables["PULUMI_BACKEND_URL"] == "s3://bucket"
    assert SECRET not in variables.values()
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in variables
    assert not (tmp_path / ".mlops-iac").exists()


def test_the_passphrase_is_made_once(tmp_path: Path) -> None:
    first = Path(environment(tmp_path)["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text()
    second = Path(environment(tmp_path)["PULUMI_CONFIG_PASSPHRASE_FILE"]).read_text()

    assert first == second
    assert len(first.strip()) >= 40
