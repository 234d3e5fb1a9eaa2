# ruff: noqa: N802, ARG002  method names and parameters are the protocol's
"""The gRPC side: Pulumi's `ResourceProvider` service over a `Host`.

The one file that touches Pulumi's plugin protocol. It stands on the generated servicer and not on
`pulumi.provider.experimental`, which hides unknown values and partial failures from a provider and
runs calls in the event loop: see `docs/decisions/0002-plugin-host.md`.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from importlib import import_module
from typing import Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)

from mlops_iac.custom import Change, InputFailure
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.configuration import config_failures, moved, parallel, settings
from mlops_iac.plugin.failures import CallError, Partial, Reason, explained
from mlops_iac.plugin.folders import user_state_folder
from mlops_iac.plugin.host import Host, Resource
from mlops_iac.plugin.redaction import Redactor
from mlops_iac.plugin.registry import handlers
from mlops_iac.plugin.schema import package_schema
from mlops_iac.plugin.values import decode, encode, plain
from mlops_iac.version import VERSION

T = TypeVar("T")

CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    # A request may wait in the queue behind long calls; gRPC's own 30 s would drop it.
    ("grpc.server_max_unrequested_time_in_server", 30 * 60),
)
"""As every Pulumi plugin sets them: pulumi/sdk/python/lib/pulumi/runtime/_grpc_settings.py."""
CHECKERS: Final = 4
"""Threads for checks and diffs, which must not queue behind long creates."""
LOG_TIMEOUT: Final = 5.0

# The engine keeps a pending operation in the state after INTERNAL, UNKNOWN and DATA_LOSS, and takes
# every other code as "nothing is in doubt". Nothing is: what a failed call left, the next adopts.
CODES: Final = {
    Reason.CANCELLED: grpc.StatusCode.CANCELLED,
    Reason.REFUSED: grpc.StatusCode.FAILED_PRECONDITION,
    Reason.BROKEN: grpc.StatusCode.ABORTED,
}

logger = logging.getLogger(__name__)


class EngineLog:
    """Sends progress to the engine's display."""

    def __init__(self, address: str) -> None:
        self.address = address

    @cached_property
    def _engine(self) -> Any:
        channel = grpc.insecure_channel(self.address, options=CHANNEL_OPTIONS)
        return engine_pb2_grpc.EngineStub(channel)

    def __call__(self, urn: str, message: str) -> None:
        """Show `message` as the status of the resource `urn`; never fails the call."""
        request = engine_pb2.LogRequest(
            severity=engine_pb2.INFO, message=message, urn=urn, ephemeral=True
        )
        try:
            self._engine.Log(request, timeout=LOG_TIMEOUT)
        except grpc.RpcError as error:
            # Progress is for the eye: a display that is gone must not break a deployment.
            logger.info("the engine did not take a progress message: %s", error)


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance; the engine starts a process for each."""

    def __init__(self, engine_address: str) -> None:
        self._log = EngineLog(engine_address)
        self.host = Host(tell=self._log)
        self._is_configured = False
        self._checkers = ThreadPoolExecutor(CHECKERS, thread_name_prefix="check")
        self.working = 0

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        limit = parallel(self.host.config)
        return ThreadPoolExecutor(limit, thread_name_prefix="call")

    # --- the plugin itself ---

    async def Handshake(self, request: Any, context: Any) -> Any:
        """Agree on what crosses the wire: secrets do, outputs and resource references do not."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=False, accept_outputs=False
        )

    async def Attach(self, request: Any, context: Any) -> Any:
        """Take the address of an engine that did not start this process."""
        self._log.address = request.address
        return empty_pb2.Empty()

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Return the version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    async def GetSchema(self, request: Any, context: Any) -> Any:
        """Return the package schema."""
        schema = await self._run(
            self._checkers, context, lambda: package_schema(handlers().values())
        )
        return provider_pb2.GetSchemaResponse(schema=schema)

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Make every call that runs or waits end at its next chance; answers at once."""
        self.host.cancelled.set()
        return empty_pb2.Empty()

    # --- the provider instance ---

    async def CheckConfig(self, request: Any, context: Any) -> Any:
        """Check the provider's properties."""
        failures = config_failures(decode(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    async def DiffConfig(self, request: Any, context: Any) -> Any:
        """Say which properties, when changed, mean another world."""
        olds = request.old_inputs if request.HasField("old_inputs") else request.olds
        replaces = moved(decode(olds), decode(request.news))
        if not replaces:
            # The engine then compares the properties itself.
            return provider_pb2.DiffResponse()
        changes = provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes, diffs=replaces, replaces=replaces)

    async def Configure(self, request: Any, context: Any) -> Any:
        """Take the configuration; another one would leak into the first, so it is refused."""
        config = settings(decode(request.args))
        if self._is_configured and plain(config) != plain(self.host.config):
            message = "this plugin process already serves a provider with another configuration"
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, message)
        self.host.config = config
        self._is_configured = True
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    # --- resources ---

    async def Check(self, request: Any, context: Any) -> Any:
        """Check a resource's inputs."""
        failures = await self._run(
            self._checkers,
            context,
            lambda: self.host.check(Resource(urn=request.urn), decode(request.news)),
        )
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    async def Diff(self, request: Any, context: Any) -> Any:
        """Compare a resource with its new inputs."""
        change = await self._run(
            self._checkers,
            context,
            lambda: self.host.diff(
                Resource(urn=request.urn, id=request.id),
                decode(request.olds),
                decode(request.old_inputs),
                decode(request.news),
            ),
        )
        return _diff_response(change)

    async def Create(self, request: Any, context: Any) -> Any:
        """Create a resource."""

        def create() -> Any:
            resource_id, state = self.host.create(
                _resource(request),
                decode(request.properties),
                preview=request.preview,
            )
            return provider_pb2.CreateResponse(id=resource_id, properties=encode(state))

        return await self._work(context, create)

    async def Read(self, request: Any, context: Any) -> Any:
        """Read a resource, for refresh and import."""

        def read() -> Any:
            found = self.host.read(
                _resource(request),
                decode(request.properties),
                decode(request.inputs),
            )
            if found is None:
                return provider_pb2.ReadResponse()
            resource_id, state, inputs = found
            return provider_pb2.ReadResponse(
                id=resource_id, properties=encode(state), inputs=encode(inputs)
            )

        return await self._work(context, read)

    async def Update(self, request: Any, context: Any) -> Any:
        """Change a resource in place."""

        def update() -> Any:
            state = self.host.update(
                _resource(request),
                decode(request.olds),
                decode(request.old_inputs),
                decode(request.news),
                preview=request.preview,
            )
            return provider_pb2.UpdateResponse(properties=encode(state))

        return await self._work(context, update)

    async def Delete(self, request: Any, context: Any) -> Any:
        """Remove a resource."""

        def delete() -> Any:
            self.host.delete(
                _resource(request),
                decode(request.properties),
                decode(request.old_inputs),
            )
            return empty_pb2.Empty()

        return await self._work(context, delete)

    # --- threads ---

    async def _work(self, context: Any, work: Callable[[], T]) -> T:
        self.working += 1
        try:
            return await self._run(self._workers, context, work)
        finally:
            self.working -= 1

    async def _run(self, pool: ThreadPoolExecutor, context: Any, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, partial(_guarded, work))
        except CallError as error:
            await _abort(context, error)


def _resource(request: Any) -> Resource:
    # A create has no id yet.
    return Resource(urn=request.urn, id=getattr(request, "id", ""), timeout=request.timeout)


def _guarded(work: Callable[[], T]) -> T:
    try:
        return work()
    except CallError:
        raise
    except Exception as error:
        # Outside a handler only decoding and encoding can fail; their messages hold no values.
        raise explained(error, "the call", Redactor(()), user_state_folder()) from error


async def _abort(context: Any, error: CallError) -> NoReturn:
    code = CODES[error.reason]
    if error.partial is not None:
        code = grpc.StatusCode.UNKNOWN
        details = _partial_details(error, error.partial, code)
        await context.abort(code, error.message, (("grpc-status-details-bin", details),))
    await context.abort(code, error.message)
    raise MlopsError(error.message)


def _partial_details(error: CallError, partial: Partial, code: grpc.StatusCode) -> bytes:
    failed = provider_pb2.ErrorResourceInitFailed(
        id=partial.id,
        properties=encode(partial.state),
        inputs=encode(partial.inputs),
        reasons=[error.message],
    )
    status = _status_messages().Status(code=code.value[0], message=error.message)
    status.details.add().Pack(failed)
    return status.SerializeToString()


def _status_messages() -> Any:
    """Return the generated module of `google.rpc.Status`.

    A process holds one of that name: Pulumi has a copy, beside which Google's clients cannot be
    imported. They bring the original.
    """
    try:
        return import_module("google.rpc.status_pb2")
    except ImportError:
        return import_module("pulumi.runtime.proto.status_pb2")


def _failures(failures: Any) -> list[Any]:
    return [_failure(each) for each in failures]


def _failure(failure: InputFailure) -> Any:
    return provider_pb2.CheckFailure(property=failure.property, reason=failure.reason)


def _diff_response(change: Change) -> Any:
    response = provider_pb2.DiffResponse
    detail = provider_pb2.PropertyDiff
    kinds = {False: detail.UPDATE, True: detail.UPDATE_REPLACE}
    return response(
        changes=response.DIFF_SOME if change.changed else response.DIFF_NONE,
        diffs=change.changed,
        replaces=change.replaces,
        deleteBeforeReplace=change.delete_before_replace,
        detailedDiff={
            key: detail(kind=kinds[key in change.replaces], inputDiff=True)
            for key in change.changed
        },
        hasDetailedDiff=bool(change.changed),
    )
