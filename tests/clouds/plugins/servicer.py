# ruff: noqa: N802, ARG002  the names and arguments are the protocol's
"""The gRPC side of a stand-in: Pulumi's `ResourceProvider` service over a cloud's own things."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.clouds.plugins.compare import same
from tests.clouds.plugins.wire import UNKNOWN, Values, is_unknown, received, sent
from tests.contract.walkers.finding import Finding

# The engine keeps a pending operation after UNKNOWN, as with the official plugins.
_FAILED = grpc.StatusCode.UNKNOWN


class FailedThingError(Exception):
    """The cloud took the request and then could not do it."""


class Life(Protocol):
    """How things of one type are made, read, changed and removed."""

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Make it; return id and state."""
        ...

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs as they are in the cloud; None when it is gone."""
        ...

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Change it in place; return the state."""
        ...

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Remove it, if it is there."""
        ...


class Servicer(provider_pb2_grpc.ResourceProviderServicer, ABC):
    """One provider instance; the engine starts a process for each."""

    errors: ClassVar[tuple[type[Exception], ...]] = (FailedThingError,)
    """What the cloud's refusals are."""
    another_world: ClassVar[Sequence[str]] = ()
    """Configuration whose change replaces the provider, and with it everything."""

    def __init__(self) -> None:
        self.config: Values = {}

    @abstractmethod
    def life(self, token: str) -> Life:
        """Return how a type lives."""

    @abstractmethod
    def findings(self, token: str, inputs: Values) -> Sequence[Finding]:
        """Return what the cloud would refuse in the inputs."""

    @abstractmethod
    def replaces(self, token: str, key: str) -> bool:
        """Whether a change of a property makes a new thing."""

    @abstractmethod
    def keeps_name(self, token: str, olds: Values, news: Values) -> bool:
        """Whether the new thing could not stand beside the old one."""

    def changed(self, olds: Values, news: Values) -> Sequence[str]:
        """Return the places of what differs."""
        return sorted(
            key for key in olds.keys() | news.keys() if not is_same(olds.get(key), news.get(key))
        )

    def filled(self, token: str, inputs: Values) -> Values:
        """Return the inputs that the provider adds to those of the program."""
        del token, inputs
        return {}

    def expected(self, token: str, inputs: Values, state: Values | None = None) -> Values:
        """Return the outputs that a preview knows; those that it leaves out are unknown."""
        return {**(state or {}), **inputs}

    # --- the plugin and its configuration ---

    def Handshake(self, request: Any, context: Any) -> Any:
        """Ask for plain values; the engine marks secrets again."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=False, accept_resources=False, accept_outputs=False
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Return a version that no release has."""
        return plugin_pb2.PluginInfo(version="99.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Take any configuration: the SDK's types have judged it."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Say what is another world."""
        olds, news = received(request.old_inputs), received(request.news)
        moved = [key for key in self.another_world if not same(olds.get(key), news.get(key))]
        if not moved:
            return provider_pb2.DiffResponse()
        some = provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=some, diffs=moved, replaces=moved)

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the configuration; nested values are JSON texts."""
        self.config = received(request.args)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Cancel(self, request: Any, context: Any) -> Any:
        """Let running calls end: each is short."""
        return empty_pb2.Empty()

    # --- resources ---

    def Check(self, request: Any, context: Any) -> Any:
        """Judge the inputs by the contract's walkers."""
        token = _token(request.urn)
        request.news.update(self.filled(token, received(request.news)))
        news = received(request.news)
        failures = [
            provider_pb2.CheckFailure(property=finding.path, reason=str(finding))
            for finding in self.findings(token, news)
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        """Compare."""
        token = _token(request.urn)
        olds, news = received(request.old_inputs), received(request.news)
        changed = self.changed(olds, news)
        replaces = [key for key in changed if self.replaces(token, key)]
        return _diff_response(changed, replaces, keeps_name=self.keeps_name(token, olds, news))

    def Create(self, request: Any, context: Any) -> Any:
        """Make it."""
        inputs = received(request.properties)

        def create() -> Any:
            if request.preview:
                expected = {**self.expected(_token(request.urn), inputs), "id": dict(UNKNOWN)}
                return provider_pb2.CreateResponse(properties=sent(expected))
            resource_id, state = self.life(_token(request.urn)).create(inputs)
            return provider_pb2.CreateResponse(id=resource_id, properties=sent(state))

        return self._guarded(context, request.urn, create)

    def Read(self, request: Any, context: Any) -> Any:
        """Read it, for refresh."""

        def read() -> Any:
            life = self.life(_token(request.urn))
            found = life.read(request.id, received(request.properties), received(request.inputs))
            if found is None:
                return provider_pb2.ReadResponse()
            state, inputs = found
            return provider_pb2.ReadResponse(
                id=request.id, properties=sent(state), inputs=sent(inputs)
            )

        return self._guarded(context, request.urn, read)

    def Update(self, request: Any, context: Any) -> Any:
        """Change it in place."""
        inputs, state = received(request.news), received(request.olds)

        def update() -> Any:
            if request.preview:
                expected = self.expected(_token(request.urn), inputs, state)
                return provider_pb2.UpdateResponse(properties=sent(expected))
            life = self.life(_token(request.urn))
            new = life.update(request.id, state, received(request.old_inputs), inputs)
            return provider_pb2.UpdateResponse(properties=sent(new))

        return self._guarded(context, request.urn, update)

    def Delete(self, request: Any, context: Any) -> Any:
        """Remove it."""

        def delete() -> Any:
            life = self.life(_token(request.urn))
            life.delete(request.id, received(request.properties), received(request.old_inputs))
            return empty_pb2.Empty()

        return self._guarded(context, request.urn, delete)

    def _guarded(self, context: Any, urn: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except self.errors as error:
            context.abort(_FAILED, f"{urn}: {error}")


def _token(urn: str) -> str:
    """Return the type in `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""
    return urn.split("::")[2].rpartition("$")[2]


def is_same(old: Any, new: Any) -> bool:
    """Whether two inputs are known and mean the same."""
    if is_unknown(old) or is_unknown(new):
        return False
    return old == new or (isinstance(old, str) and isinstance(new, str) and same(old, new))


def _diff_response(changed: Sequence[str], replaces: Sequence[str], *, keeps_name: bool) -> Any:
    response, detail = provider_pb2.DiffResponse, provider_pb2.PropertyDiff
    kinds = {False: detail.UPDATE, True: detail.UPDATE_REPLACE}
    return response(
        changes=response.DIFF_SOME if changed else response.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and keeps_name,
        detailedDiff={key: detail(kind=kinds[key in replaces], inputDiff=True) for key in changed},
        hasDetailedDiff=bool(changed),
    )
