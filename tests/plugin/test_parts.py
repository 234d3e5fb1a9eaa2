"""Small parts of the plugin: configuration, registry, schema, installation, start-up cost."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.discovery import GROUP
from mlops_iac.errors import ProviderError
from mlops_iac.plugin import registry
from mlops_iac.plugin.configuration import config_failures, moved, parallel, settings
from mlops_iac.plugin.folders import append
from mlops_iac.plugin.install import PluginInstallError, install, plugin_command
from mlops_iac.plugin.redaction import Redactor
from mlops_iac.plugin.schema import package_schema
from mlops_iac.plugin.values import UNKNOWN, Secret
from mlops_iac.version import VERSION
from tests.support.fake_provider import LOCATION, RESOURCES


def test_the_engine_s_keys_are_no_settings() -> None:
    properties = {"version": "1", "pluginDownloadURL": "x", "__internal": {}, "root": "/r"}

    assert settings(properties) == {"root": "/r"}


@pytest.mark.parametrize("value", [0, -1, "two", True, 1.5])
def test_a_limit_that_is_none_is_refused(value: Any) -> None:
    (failure,) = config_failures({"parallel": value})

    assert failure.property == "parallel"
    assert "give a whole number" in failure.reason


def test_a_limit_of_the_environment_is_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_IAC_PARALLEL", "many")
    (failure,) = config_failures({})

    assert "`MLOPS_IAC_PARALLEL` is `many`" in failure.reason


@pytest.mark.parametrize("value", [1, "16", UNKNOWN, Secret(4)])
def test_a_limit_is_taken(value: Any) -> None:
    assert config_failures({"parallel": value}) == []


def test_the_configuration_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_IAC_PARALLEL", "3")

    assert parallel({}) == 3
    assert parallel({"parallel": "2"}) == 2

    monkeypatch.delenv("MLOPS_IAC_PARALLEL")

    assert parallel({}) == 8


def test_only_a_certain_change_of_identity_moves() -> None:
    olds = {"root": "/a", "region": "x", "profile": "p", "account": Secret("1")}
    news = {"root": "/b", "region": UNKNOWN, "profile": "q", "account": "1"}

    assert moved(olds, news) == ["root"]


def test_the_schema_names_every_resource() -> None:
    schema = json.loads(package_schema(RESOURCES))
    thing = schema["resources"]["mlops-iac:test:Thing"]

    assert schema["version"] == VERSION
    assert set(schema["resources"]) == {each.token for each in RESOURCES}
    assert thing["description"] == "A small object with an ownership mark."
    assert thing["inputProperties"]["kind"]["willReplaceOnChanges"] is True
    assert thing["properties"]["token"]["secret"] is True


def test_the_longest_secret_is_hidden_whole() -> None:
    assert Redactor(["pass", "password"]).text("my password") == "my [secret]"


def test_extra_handlers_come_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLOPS_IAC_HANDLERS", LOCATION)
    registry._extra.cache_clear()

    assert registry.handler("mlops-iac:test:Thing") is RESOURCES[0]

    registry._extra.cache_clear()


def test_two_handlers_of_one_type_are_refused() -> None:
    with pytest.raises(ProviderError, match="two handlers serve `mlops-iac:test:Thing`"):
        registry._by_token([RESOURCES[0], RESOURCES[0]])


def test_a_missing_package_names_its_extra() -> None:
    entry = EntryPoint("local", "no_such_module:PROVIDER", GROUP)

    with pytest.raises(registry.UnknownResourceError, match=r"pip install 'mlops-iac\[local\]'"):
        registry._loaded(entry)


def test_a_missing_pulumi_is_told(tmp_path: Path) -> None:
    with pytest.raises(PluginInstallError, match="does not run"):
        install(tmp_path / "pulumi", folder=tmp_path / "wrapper")


def test_a_refusal_of_pulumi_is_told_in_its_words(tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho 'disk full' >&2; exit 1\n")
    pulumi.chmod(0o700)

    with pytest.raises(PluginInstallError, match="disk full"):
        install(pulumi, folder=tmp_path / "wrapper")


def test_an_environment_without_scripts_still_has_its_plugin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    done = subprocess.run(plugin_command(), capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "started by the Pulumi engine" in done.stderr


def test_folders_above_are_the_owner_s_only(tmp_path: Path) -> None:
    append(tmp_path / "a" / "b" / "c.log", "x")

    assert [each.stat().st_mode & 0o777 for each in (tmp_path / "a", tmp_path / "a/b")] == [
        0o700
    ] * 2


def test_importing_the_entry_point_loads_neither_pulumi_nor_grpc() -> None:
    code = (
        "import sys, mlops_iac.plugin\n"
        "sys.exit(any(name in sys.modules for name in ('pulumi', 'grpc')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
