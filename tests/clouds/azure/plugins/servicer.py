# ruff: noqa: N802, ARG002  the names and arguments are the protocol's
"""The stand-in of Azure's plugin, as the engine sees it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from mlops_iac_azure.mutability import MUTABILITY
from pulumi.runtime.proto import provider_pb2

from mlops_iac.mutability import Mutability, mutability
from mlops_iac.wire import SIGNATURE
from tests.clouds.azure.plugins import functions
from tests.clouds.azure.plugins.blobs import BlobLife
from tests.clouds.azure.plugins.bodies import Bodies
from tests.clouds.azure.plugins.client import Client, RefusedError
from tests.clouds.azure.plugins.life import ResourceLife
from tests.clouds.azure.plugins.rows import words
from tests.clouds.azure.plugins.tables import ROWS
from tests.clouds.plugins.servicer import FailedThingError, Life, Servicer, is_same
from tests.clouds.plugins.wire import UNKNOWN, Values, received, sent
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Finding

BLOB = "azure-native:storage:Blob"
_GLOBAL = "azure-native:privatedns:"
"""Types that the provider adds no location to (`AutoLocationDisabled`)."""
_BLOB_IN_PLACE = frozenset({"accessTier", "contentType", "metadata"})


class AzureServicer(Servicer):
    """The stand-in of `azure-native`."""

    errors: ClassVar[tuple[type[Exception], ...]] = (RefusedError, FailedThingError, TimeoutError)

    def life(self, token: str) -> Life:
        """Return how a type lives in the subscription of the configuration."""
        return life(token, self._client)

    def findings(self, token: str, inputs: Values) -> Sequence[Finding]:
        """Judge the inputs by the contract's walkers."""
        return checks.azure(token, inputs)

    def changed(self, olds: Values, news: Values) -> Sequence[str]:
        """Return what differs, as deep as objects are on both sides."""
        return sorted(_changes(olds, news))

    def replaces(self, token: str, key: str) -> bool:
        """Judge by what the plan says; where that is not known, by the row."""
        known = mutability(MUTABILITY, token, key)
        if known is Mutability.UNKNOWN:
            return key.partition(".")[0] in immutable(token)
        return known is Mutability.REPLACE

    def filled(self, token: str, inputs: Values) -> Values:
        """Return the configured location for what has one and is told none."""
        takes = "location" in checks.sdk.inputs_shape(token).members
        is_global = token.startswith(_GLOBAL)
        where = self.config.get("location")
        return (
            {"location": where}
            if takes and not is_global and where and "location" not in inputs
            else {}
        )

    def expected(self, token: str, inputs: Values, state: Values | None = None) -> Values:
        """Return what the inputs tell, and of a thing that is there its name and place."""
        stable = {key: state[key] for key in ("name", "location") if state and key in state}
        if token not in ROWS:
            return {**stable, **inputs}
        bodies = Bodies(token, ROWS[token])
        return {**bodies.outputs(bodies.body(inputs)), **stable}

    def keeps_name(self, token: str, olds: Values, news: Values) -> bool:
        """Say yes: the official provider deletes first whatever it replaces."""
        return True

    def Invoke(self, request: Any, context: Any) -> Any:
        """Answer a function of the SDK."""
        arguments = received(request.args)

        def answer() -> Any:
            told = functions.call(request.tok, arguments, self._client)
            named: Any = {"return": sent(told)}  # a word of the language
            return provider_pb2.InvokeResponse(**named)

        return self._guarded(context, request.tok, answer)

    @cached_property
    def _client(self) -> Client:
        return Client(
            subscription=self.config["subscriptionId"],
            metadata_host=str(self.config.get("metadataHost") or ""),
            client_id=self.config.get("clientId"),
        )


def life(token: str, client: Client) -> Life:
    """Return how a type lives.

    Raises:
        FailedThingError: no table has it.
    """
    if token == BLOB:
        return BlobLife(client=client)
    if token not in ROWS:
        raise FailedThingError(f"the stand-in has no row for `{token}`: add it to `tables/`")
    return ResourceLife(token=token, row=ROWS[token], client=client)


def immutable(token: str) -> frozenset[str]:
    """Return the inputs whose change replaces the resource."""
    if token == BLOB:
        return frozenset(checks.sdk.inputs_shape(token).members) - _BLOB_IN_PLACE
    row = ROWS[token]
    return row.parameters | words(row.immutable)


def _changes(olds: Mapping[str, Any], news: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for key in olds.keys() | news.keys():
        old, new = olds.get(key), news.get(key)
        inner = f"{place}.{key}" if place else key
        if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_whole(old, new):
            yield from _changes(old, new, inner)
        elif not is_same(old, new):
            yield inner


def _is_whole(*values: Mapping[str, Any]) -> bool:
    """Whether these are assets or unknown values: no objects with members."""
    return any(SIGNATURE in one or one == UNKNOWN for one in values)
