# ruff: noqa: N802, ARG002  method names and parameters are the protocol's
"""The gRPC side of a stand-in: Pulumi's `ResourceProvider` service over `Life`."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

import grpc
from botocore.exceptions import ClientError
from google.protobuf import empty_pb2
from mlops_iac_aws.mutability import MUTABILITY
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from mlops_iac.mutability import Mutability, mutability
from tests.clouds.aws.plugins.client import Client, same
from tests.clouds.aws.plugins.life import FailedThingError, Life
from tests.clouds.aws.plugins.tables import ROWS
from tests.clouds.aws.plugins.wire import UNKNOWN, Values, is_unknown, received, sent
from tests.contract.walkers import checks

# The engine keeps a pending operation after UNKNOWN, as with the official plugins.
_FAILED = grpc.StatusCode.UNKNOWN


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance; the engine starts a process for each."""

    def __init__(self) -> None:
        self._config: Values = {}

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
        """Say that another region or account is another world, as both official plugins do."""
        olds, news = received(request.old_inputs), received(request.news)
        moved = [key for key in ("region",) if not same(olds.get(key), news.get(key))]
        if not moved:
            return provider_pb2.DiffResponse()
        some = provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=some, diffs=moved, replaces=moved)

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the configuration; nested values are JSON texts."""
        self._config = received(request.args)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False, acceptOutputs=False
        )

    def Cancel(self, request: Any, context: Any) -> Any:
        """Let running calls end: each is short."""
        return empty_pb2.Empty()

    @cached_property
    def _client(self) -> Client:
        return Client(self._config["region"])

    @cached_property
    def _account(self) -> str:
        account = self._client.account()
        allowed = json.loads(self._config.get("allowedAccountIds") or "[]")
        if allowed and account not in allowed:
            raise FailedThingError(f"AWS account `{account}` is none of the allowed {allowed}")
        return account

    def _life(self, token: str) -> Life:
        if token not in ROWS:
            raise FailedThingError(f"the stand-in has no row for `{token}`: add it to `tables/`")
        tags = json.loads(self._config.get("defaultTags") or "{}").get("tags") or {}
        return Life(
            token=token,
            row=ROWS[token],
            client=self._client,
            account=self._account,
            default_tags=tags,
        )

    # --- resources ---

    def Check(self, request: Any, context: Any) -> Any:
        """Judge the inputs by the contract's walkers."""
        token = _token(request.urn)
        news = received(request.news)
        failures = [
            provider_pb2.CheckFailure(property=finding.path, reason=str(finding))
            for finding in checks.aws(token, news, region=self._config.get("region"))
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        """Compare; what no row of `mutability.py` calls changeable in place is a replacement."""
        token = _token(request.urn)
        olds, news = received(request.old_inputs), received(request.news)
        changed = sorted(
            key for key in olds.keys() | news.keys() if not _is_same(olds.get(key), news.get(key))
        )
        replaces = [
            key for key in changed if mutability(MUTABILITY, token, key) is not Mutability.IN_PLACE
        ]
        return _diff_response(changed, replaces, keeps_name=_keeps_name(token, olds, news))

    def Create(self, request: Any, context: Any) -> Any:
        """Make it."""
        inputs = received(request.properties)

        def create() -> Any:
            if request.preview:
                return provider_pb2.CreateResponse(properties=sent(_previewed(inputs)))
            resource_id, state = self._life(_token(request.urn)).create(inputs)
            return provider_pb2.CreateResponse(id=resource_id, properties=sent(state))

        return _guarded(context, request.urn, create)

    def Read(self, request: Any, context: Any) -> Any:
        """Read it, for refresh."""

        def read() -> Any:
            life = self._life(_token(request.urn))
            found = life.read(request.id, received(request.properties), received(request.inputs))
            if found is None:
                return provider_pb2.ReadResponse()
            state, inputs = found
            return provider_pb2.ReadResponse(
                id=request.id, properties=sent(state), inputs=sent(inputs)
            )

        return _guarded(context, request.urn, read)

    def Update(self, request: Any, context: Any) -> Any:
        """Change it in place."""
        inputs, state = received(request.news), received(request.olds)

        def update() -> Any:
            if request.preview:
                return provider_pb2.UpdateResponse(properties=sent({**state, **inputs}))
            life = self._life(_token(request.urn))
            new = life.update(request.id, state, received(request.old_inputs), inputs)
            return provider_pb2.UpdateResponse(properties=sent(new))

        return _guarded(context, request.urn, update)

    def Delete(self, request: Any, context: Any) -> Any:
        """Remove it."""

        def delete() -> Any:
            life = self._life(_token(request.urn))
            life.delete(request.id, received(request.properties), received(request.old_inputs))
            return empty_pb2.Empty()

        return _guarded(context, request.urn, delete)


def _token(urn: str) -> str:
    """Return the type in `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""
    return urn.split("::")[2].rpartition("$")[2]


def _guarded(context: Any, urn: str, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (ClientError, FailedThingError) as error:
        context.abort(_FAILED, f"{urn}: {error}")


def _is_same(old: Any, new: Any) -> bool:
    if is_unknown(old) or is_unknown(new):
        return False
    return old == new or (isinstance(old, str) and isinstance(new, str) and same(old, new))


def _keeps_name(token: str, olds: Values, news: Values) -> bool:
    """Whether the new thing could not stand beside the old one.

    The bridge's rule (`nameRequiresDeleteBeforeReplace`): the name is given, and it stays.
    """
    names = {key for key in news if mutability(MUTABILITY, token, key) is Mutability.REPLACE}
    given = {key for key in names if key.lower().endswith(("name", "bucket", "key"))}
    return bool(given) and all(_is_same(olds.get(key), news.get(key)) for key in given)


def _previewed(inputs: Values) -> Values:
    # Outputs that a preview leaves out are unknown to the engine.
    return {**inputs, "id": dict(UNKNOWN)}


def _diff_response(changed: list[str], replaces: list[str], *, keeps_name: bool) -> Any:
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
