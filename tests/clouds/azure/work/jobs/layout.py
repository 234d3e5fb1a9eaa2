"""The folders of a job: its code, its inputs, its outputs.

As `azureml` lays them out: https://learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.clouds.azure.work import mounts
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.data import Spot
from tests.clouds.azure.work.failures import WorkError, unknown
from tests.clouds.azure.work.mounts import Mount

if TYPE_CHECKING:
    from tests.clouds.azure.work.jobs.command import Command

LITERAL = "literal"
_FILE, _DEFAULT = "uri_file", "default"
_MOUNTED = frozenset({"", "ReadWriteMount", "rw_mount"})
_UPLOADED = frozenset({"Upload", "upload"})
_DIRECT = frozenset({"Direct", "direct"})
_ARTIFACTS = ("outputs", "logs")


@dataclass
class Layout:
    """Where a job finds its things."""

    root: Path
    folder: Path
    """Its working directory."""
    data: Path
    """Where inputs and outputs are."""
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the expressions of its command."""
    variables: dict[str, str] = field(default_factory=dict[str, str])
    outputs: list[Mount] = field(default_factory=list[Mount])

    def store(self) -> None:
        """Store what the job has left in its outputs."""
        for mount in self.outputs:
            mount.push()


def lay_out(command: "Command", root: Path, service: Api) -> Layout:
    """Make a job's folders.

    Raises:
        WorkError: an input, or the code, is not there.
    """
    job = root / "mnt/azureml/cr/j" / command.name
    found = Layout(root, job / "exe/wd", job / "cap/data-capability/wd")
    found.folder.mkdir(parents=True)
    if code := command.told.get("codeId"):
        spot = command.data.spot(code, "codes")
        mounts.read(service, spot, found.folder, command.cache)
    api = command.identity or service
    for name, told in (command.told.get("inputs") or {}).items():
        _input(command, found, api, name, told)
    for name, told in (command.told.get("outputs") or {}).items():
        # `default` is where artifacts are: below.
        if name != _DEFAULT:
            _output(command, found, api, name, told or {})
    _artifacts(command, found, service)
    return found


def _input(command: "Command", found: Layout, api: Api, name: str, told: Mapping[str, Any]) -> None:
    kind = told.get("jobInputType") or told.get("job_input_type") or told.get("type") or LITERAL
    if kind == LITERAL:
        found.values[f"inputs.{name}"] = told.get("value")
        return
    uri = told.get("uri") or told.get("path")
    if not uri:
        raise WorkError(f"The input '{name}' has no 'uri'.")
    if told.get("mode") in _DIRECT:
        found.values[f"inputs.{name}"] = uri
        return
    path = found.data / f"INPUT_{name}"
    assets = "models" if str(kind).endswith("_model") else "data"
    place = mounts.read(api, command.data.spot(uri, assets), path, command.cache)
    found.values[f"inputs.{name}"] = str(place)
    found.variables[f"AZURE_ML_INPUT_{name}"] = str(place)


def _output(
    command: "Command", found: Layout, api: Api, name: str, told: Mapping[str, Any]
) -> None:
    mode = told.get("mode") or ""
    if mode not in _MOUNTED | _UPLOADED:
        raise unknown(f"outputs of the mode `{mode}`")
    path = found.data / name
    mount = Mount(api, _place(command, name, told), path, command.cache)
    is_file = (told.get("jobOutputType") or told.get("type")) == _FILE
    (path.parent if is_file else path).mkdir(parents=True, exist_ok=True)
    if mode in _MOUNTED and not is_file:
        # What an earlier attempt has left is there.
        mount.pull()
    found.outputs.append(mount)
    found.values[f"outputs.{name}"] = str(path)
    found.variables[f"AZURE_ML_OUTPUT_{name}"] = str(path)


def _place(command: "Command", name: str, told: Mapping[str, Any]) -> Spot:
    uri = told.get("uri") or told.get("path")
    if uri:
        return command.data.spot(uri.replace("${{name}}", command.name))
    return command.data.default_output(command.name, name)


def _artifacts(command: "Command", found: Layout, service: Api) -> None:
    """Let what the job leaves in `outputs` and `logs` beside its code become artifacts."""
    spot = command.data.artifacts(command.name)
    for name in _ARTIFACTS:
        if not (found.folder / name).exists():
            mount = Mount(service, spot.below(name), found.folder / name, command.cache)
            found.outputs.append(mount)
