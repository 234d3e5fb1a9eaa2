"""What the filling of a group is told, and what it leaves behind, as JSON in the bucket."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_aws.faults import found
from mlops_iac_aws.session import Clients

GROUP = "group.json"
"""Name of the definition, as the filling is given it, and beside each history."""
CURRENT = "current.json"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A group: its values, and where SageMaker and the bucket hold them."""

    values: FeatureSet
    group: str
    """Name in SageMaker's feature store."""
    bucket: str
    prefix: str
    """Where the group's own objects lie in the bucket; ends with `/`."""

    def written(self) -> str:
        """Return the definition as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    def history_key(self, version: str, name: str) -> str:
        """Return where a file of one version of the history lies."""
        return f"{self.prefix}history/{version}/{name}"


def definition_of(text: str) -> Definition:
    """Return a definition from its JSON."""
    document: dict[str, Any] = json.loads(text)
    return Definition(values=FeatureSet(**document.pop("values")), **document)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A group as it was filled last."""

    definition: Definition
    """With the types of the keys, which the data has shown."""
    version: str
    rows: int
    table: Mapping[str, str] | None = None
    """Database and name of the table in Glue; `None` without an offline store."""

    def written(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), sort_keys=True)


def filled_of(text: str) -> Filled:
    """Return what a filling left from its JSON."""
    document: dict[str, Any] = json.loads(text)
    definition = definition_of(json.dumps(document.pop("definition")))
    return Filled(definition=definition, **document)


def current(clients: Clients, bucket: str, prefix: str) -> Filled | None:
    """Return how a group was filled last; `None` before it was."""
    answer = found(clients("s3").get_object, Bucket=bucket, Key=f"{prefix}{CURRENT}")
    return None if answer is None else filled_of(answer["Body"].read().decode())
