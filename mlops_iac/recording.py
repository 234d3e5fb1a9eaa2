"""Recording what a Pulumi program registers, offline: no engine, no plugin, no credentials.

Built on Pulumi's own mock monitor, which sees every registration whole: type, inputs, parent,
provider, dependencies, secrets, protection.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, proto, settings, stack
from pulumi.runtime.config import set_all_config

from mlops_iac import provider as provider_module
from mlops_iac import wire
from mlops_iac.errors import MlopsError

UNKNOWN = {"$unknown": True}
SECRET = {"$secret": True}


@dataclass(frozen=True, kw_only=True)
class Registration:
    """One resource as the engine would be asked for it."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    custom: bool
    inputs: Mapping[str, Any]
    depends_on: tuple[str, ...]
    protect: bool
    retain_on_delete: bool
    version: str
    plugin_download_url: str
    component: str
    """Component of the declaration that asked for it."""
    field: str
    """Field of that component, or the empty string for the component as a whole."""
    property_dependencies: Mapping[str, tuple[str, ...]] = dataclass_field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """URNs of the resources whose outputs each property is made of."""
    ignore_changes: tuple[str, ...] = ()
    """Properties that are set once and then left to whoever changes them."""
    outputs: Mapping[str, Any] = dataclass_field(default_factory=dict[str, Any])
    """What a component registered as its outputs."""

    @property
    def secrets(self) -> list[str]:
        """Paths of the inputs that are secrets."""
        return sorted(_secret_paths(self.inputs, ""))

    def document(self) -> dict[str, Any]:
        """Return the JSON form, as `mlops-iac plan --format json` prints it."""
        return {
            "type": self.type,
            "name": self.name,
            "parent": self.parent,
            "provider": self.provider,
            "inputs": self.inputs,
            "depends_on": list(self.depends_on),
            "protect": self.protect,
            "secrets": self.secrets,
            "component": self.component,
            "field": self.field,
        }


@dataclass(frozen=True)
class Recording:
    """Everything that one run of a program registered, in a stable order."""

    resources: tuple[Registration, ...]
    outputs: Mapping[str, Any]
    """What the stack exported."""

    def of_type(self, token: str) -> tuple[Registration, ...]:
        """Return the resources of one type."""
        return tuple(resource for resource in self.resources if resource.type == token)

    def count(self, token: str) -> int:
        """Return how many resources of one type there are."""
        return len(self.of_type(token))

    def one(self, token: str) -> Registration:
        """Return the only resource of one type."""
        (resource,) = self.of_type(token)
        return resource

    def children_of(self, urn: str) -> tuple[Registration, ...]:
        """Return the resources whose parent is `urn`."""
        return tuple(resource for resource in self.resources if resource.parent == urn)

    def identity(self) -> tuple[tuple[str, str, str], ...]:
        """Return type, name and parent of each resource: what must never change by accident."""
        return tuple((r.type, r.name, r.parent) for r in self.resources)


def record(
    program: Callable[[], None],
    *,
    project: str = "project",
    stack_name: str = "dev",
    config: Mapping[str, str] | None = None,
) -> Recording:
    """Run `program` as a preview under the recording monitor and return what it registered.

    Runs in a thread of its own with its own event loop and Pulumi settings, so that nothing leaks
    into the caller, and plans for several targets can follow each other in one process.
    """
    recorder = _Recorder()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            _run(recorder, program, project, stack_name, dict(config or {}))
        except BaseException as error:  # noqa: BLE001  re-raised in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,))
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return recorder.recording()


def _run(
    recorder: "_Recorder",
    program: Callable[[], None],
    project: str,
    stack_name: str,
    config: dict[str, str],
) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        settings.ROOT.set(None)
        settings.configure(
            mocks.MockSettings(
                monitor=recorder,
                monitor_features=set(recorder.GetDeploymentInfo(None).supportedFeatures),
                engine=mocks.MockEngine(None),
                project=project,
                stack=stack_name,
                dry_run=True,
                organization="organization",
                callbacks=None,
                outputs=set(),
                lock=threading.Lock(),
                package_refs={},
                base_providers_by_ref={},
            )
        )
        set_all_config(config)
        with _places(recorder.note_place):
            loop.run_until_complete(stack.run_in_stack(lambda: _settled(program)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _settled(program: Callable[[], None]) -> None:
    """Run `program` and wait for all of its Outputs at once.

    Pulumi would wake for each of them and look at all the others again: a large plan takes four
    times as long. What has failed is left for Pulumi to raise.
    """
    program()
    running = cast("Any", settings.SETTINGS)
    while pending := [task for task in running.outputs if not task.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.cancelled() or task.exception() for task in done):
            return


@contextmanager
def _places(listener: provider_module.PlaceRecorder) -> Generator[None]:
    recorders = provider_module.place_recorders
    recorders.append(listener)
    try:
        yield
    finally:
        recorders.remove(listener)


class _NoMocks(mocks.Mocks):
    """The recorder answers by itself."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise MlopsError(
            f"a plan is offline, but the program calls `{args.token}`",
            remedy="declare the fact that it looks up",
        )

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return None, args.inputs


class _Recorder(mocks.MockMonitor):
    """A monitor that keeps every request and answers with the inputs, ids unknown."""

    def __init__(self) -> None:
        super().__init__(_NoMocks())
        self._lock = threading.Lock()
        self._registrations: dict[str, Registration] = {}
        self._places: dict[tuple[str, str], tuple[str, str]] = {}
        self._component_outputs: dict[str, Mapping[str, Any]] = {}
        self._stack_urn = ""

    def note_place(self, type_token: str, name: str, component: str, field: str) -> None:
        """Note which field asked for a resource; the innermost wins."""
        self._places.setdefault((type_token, name), (component, field))

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  Pulumi's name
        """Keep one registration."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            self._stack_urn = urn
            return proto.resource_pb2.RegisterResourceResponse(urn=urn)
        with self._lock:
            self._registrations[urn] = self._registration(urn, request)
        # In a preview an empty id, and every property that the answer lacks, is unknown.
        return proto.resource_pb2.RegisterResourceResponse(urn=urn, object=_echo(request))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  Pulumi's name
        """Keep what a component, or the stack, gives out."""
        with self._lock:
            self._component_outputs[request.urn] = _plain(MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN; children of the stack itself carry no parent type."""
        return super().make_urn("" if parent == self._stack_urn else parent, type_, name)

    def recording(self) -> Recording:
        """Return what was kept, sorted: registrations arrive from several threads."""
        resources = [
            replace(registration, outputs=self._component_outputs.get(urn, {}))
            for urn, registration in sorted(self._registrations.items())
        ]
        return Recording(tuple(resources), self._component_outputs.get(self._stack_urn, {}))

    def _registration(self, urn: str, request: Any) -> Registration:
        component, place = self._places.get((request.type, request.name), ("", ""))
        if not component and request.type.startswith("mlops-iac:index:"):
            component = request.name
        return Registration(
            type=request.type,
            name=request.name,
            urn=urn,
            parent="" if request.parent == self._stack_urn else request.parent,
            provider=request.provider.partition(f"::{wire.UNKNOWN}")[0],
            custom=request.custom,
            inputs=_plain(MessageToDict(request.object)),
            depends_on=tuple(sorted(request.dependencies)),
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            property_dependencies={
                name: tuple(sorted(found.urns))
                for name, found in request.propertyDependencies.items()
                if found.urns
            },
            ignore_changes=tuple(request.ignoreChanges),
            version=request.version,
            plugin_download_url=request.pluginDownloadURL,
            component=component,
            field=place,
        )


def _echo(request: Any) -> Any:
    """Return the inputs that come back as outputs: with official SDKs only the scalars.

    An official resource may give an input back in another shape (Azure takes identities as a list
    and returns a mapping), and the SDK refuses what is not of the declared output type.
    """
    if request.type.startswith("mlops-iac:"):
        return request.object
    echoed = type(request.object)()
    for key, value in request.object.fields.items():
        if value.WhichOneof("kind") in {"string_value", "number_value", "bool_value"}:
            echoed.fields[key].CopyFrom(value)
    return echoed


def _plain(value: Any) -> Any:
    """Return a wire value as JSON: unknowns, secrets, assets and references made visible."""
    if value == wire.UNKNOWN:
        return UNKNOWN
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    fields = cast("dict[str, Any]", value)
    signature = fields.get(wire.SIGNATURE)
    if signature == wire.SECRET:
        return SECRET
    if signature is not None:
        rest = {k: _plain(v) for k, v in fields.items() if k != wire.SIGNATURE}
        return {"$special": _SPECIAL.get(signature, signature), **rest}
    return {key: _plain(item) for key, item in fields.items()}


_SPECIAL: Mapping[str, str] = {
    wire.ASSET: "asset",
    wire.ARCHIVE: "archive",
    wire.RESOURCE: "resource",
}


def _secret_paths(value: Any, path: str) -> Iterable[str]:
    if value == SECRET:
        yield path
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, Any]", value).items():
            yield from _secret_paths(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _secret_paths(item, f"{path}[{index}]")


__all__ = ["SECRET", "UNKNOWN", "Recording", "Registration", "record"]
