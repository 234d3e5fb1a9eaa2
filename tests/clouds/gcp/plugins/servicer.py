"""The stand-in of Google Cloud's plugin, as the engine sees it."""

import json
from collections.abc import Sequence
from functools import cache, cached_property
from typing import ClassVar

from mlops_iac_gcp.foundation import ENDPOINT_ARGUMENTS
from mlops_iac_gcp.mutability import MUTABILITY
from mlops_iac_gcp.session import Place

from mlops_iac.mutability import Mutability, mutability
from tests.clouds.gcp.plugins.client import Client, RefusedError
from tests.clouds.gcp.plugins.labels import ATTRIBUTION, Labels
from tests.clouds.gcp.plugins.life import ResourceLife
from tests.clouds.gcp.plugins.policies import DatasetMemberLife, MemberLife
from tests.clouds.gcp.plugins.rows import words
from tests.clouds.gcp.plugins.tables import MEMBERS, ROWS
from tests.clouds.plugins.servicer import FailedThingError, Life, Servicer, is_same
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import checks
from tests.contract.walkers.discovery import document
from tests.contract.walkers.finding import Finding
from tests.contract.walkers.gcp_tables import TRANSLATIONS


class GcpServicer(Servicer):
    """The stand-in of `gcp`."""

    errors: ClassVar[tuple[type[Exception], ...]] = (RefusedError, FailedThingError, TimeoutError)

    def life(self, token: str) -> Life:
        """Return how a type lives in the project of the configuration."""
        return life(token, self._client, self._labels)

    def findings(self, token: str, inputs: Values) -> Sequence[Finding]:
        """Judge the inputs by the contract's walkers."""
        return checks.gcp(token, inputs)

    def replaces(self, token: str, key: str) -> bool:
        """Judge by what the plan says; where that is not known, by the row and the document."""
        known = mutability(MUTABILITY, token, key)
        if known is Mutability.UNKNOWN:
            return key in immutable(token)
        return known is Mutability.REPLACE

    def keeps_name(self, token: str, olds: Values, news: Values) -> bool:
        """Judge by the bridge's rule (`nameRequiresDeleteBeforeReplace`): a name that stays."""
        del token
        given = {key for key in news if key == "name" or key.endswith("Id")}
        return bool(given) and all(is_same(olds.get(key), news.get(key)) for key in given)

    @cached_property
    def _client(self) -> Client:
        named = {
            service: self.config[_camel(argument)]
            for service, argument in ENDPOINT_ARGUMENTS.items()
            if self.config.get(_camel(argument))
        }
        return Client(
            Place(
                project=self.config["project"],
                region=self.config["region"],
                endpoints=tuple(sorted(named.items())),
            )
        )

    @cached_property
    def _labels(self) -> Labels:
        own = json.loads(self.config.get("defaultLabels") or "{}")
        adds = self.config.get("addPulumiAttributionLabel") not in {"false", False}
        return Labels({**(ATTRIBUTION if adds else {}), **own})


def life(token: str, client: Client, labels: Labels | None = None) -> Life:
    """Return how a type lives.

    Raises:
        FailedThingError: no table has it.
    """
    if token == "gcp:bigquery/datasetIamMember:DatasetIamMember":
        return DatasetMemberLife(token=token, row=MEMBERS[token], client=client)
    if token in MEMBERS:
        return MemberLife(token=token, row=MEMBERS[token], client=client)
    if token not in ROWS:
        raise FailedThingError(f"the stand-in has no row for `{token}`: add it to `tables/`")
    return ResourceLife(token=token, row=ROWS[token], client=client, labels=labels or Labels())


@cache
def immutable(token: str) -> frozenset[str]:
    """Return the inputs whose change replaces the resource.

    Those in its id and its path, those that the row names, and members that the discovery document
    calls immutable.
    """
    translation = TRANSLATIONS[token]
    shape = checks.sdk.inputs_shape(token)
    if token in MEMBERS:
        return frozenset(shape.members)
    row = ROWS[token]
    if row.immutable == "*" or not row.update:
        return frozenset(shape.members) - _BEHAVIOUR
    in_id = {name for name in shape.members if f"{{{name}}}" in row.id + row.name}
    schema = translation.shape().source.rpartition(" ")[2]
    said = {
        name.lower()
        for name, node in document(row.api)["schemas"].get(schema, {}).get("properties", {}).items()
        if node.get("description", "").startswith("Immutable.")
    }
    by_document = {name for name in shape.members if name.lower() in said}
    return frozenset({"project", *in_id, *by_document, *words(row.immutable)}) - _BEHAVIOUR


_BEHAVIOUR = words(
    "checkIfServiceHasUsageOnDestroy deletionPolicy deletionProtection disableDependentServices "
    "disableOnDestroy forceDestroy"
)
"""Inputs that the provider keeps to itself."""


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
