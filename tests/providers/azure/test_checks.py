"""What is refused before anything is registered, field by field and all at once.

Proves our own rules; limits that Azure changes without a model (quotas) are only as new as the
tables.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure import compute, mutability
from mlops_iac_azure.compute import Use

from mlops_iac.content import MAX_UPLOADED_FILES
from mlops_iac.mutability import Mutability
from mlops_iac.planning import Plan
from mlops_iac.specs import (
    Accelerator,
    AcceleratorKind,
    Async,
    Compute,
    ExistingKey,
    ExistingNetwork,
    SecretRef,
    Spot,
)
from tests.providers.azure.harness import planned, record
from tests.providers.azure.scenarios import NETWORK, flights, write_project

SUBNET = f"{NETWORK}/subnets/a"
PLATFORM: tuple[tuple[Mapping[str, Any], str, str], ...] = (
    ({"region": "mars"}, "region", "region.unknown"),
    ({"region": None}, "region", "region.missing"),
    ({"account": None}, "account", "account.missing"),
    ({"account": "my-subscription"}, "account", "account.malformed"),
    ({"role": "me"}, "role", "role.malformed"),
    ({"tags": {"a/b": "c"}}, "tags.a/b", "tags.illegal"),
    ({"tags": {"azure-owner": "c"}}, "tags.azure-owner", "tags.illegal"),
    ({"tags": {"a": "c" * 257}}, "tags.a", "tags.illegal"),
    (
        {
            "network": ExistingNetwork(network=NETWORK, subnets=(SUBNET,)),
            "tags": {f"t{n}": "" for n in range(14)},
        },
        "tags",
        "tags.too-many",
    ),
    (
        {"network": ExistingNetwork(network="vnet", subnets=(SUBNET,))},
        "network.network",
        "id.malformed",
    ),
    (
        {"network": ExistingNetwork(network=NETWORK, subnets=("a",))},
        "network.subnets.0",
        "id.malformed",
    ),
    (
        {"network": ExistingNetwork(network=NETWORK, subnets=(SUBNET,) * 3)},
        "network.subnets",
        "network.too-many-subnets",
    ),
    (
        {"network": ExistingNetwork(network=NETWORK, subnets=(SUBNET,), security_groups=("nsg",))},
        "network.security_groups",
        "network.security-groups",
    ),
    ({"encryption": ExistingKey(key="my-key")}, "encryption.key", "id.malformed"),
)
JOB: tuple[tuple[Mapping[str, Any], str, str], ...] = (
    ({"timeout": timedelta(days=22)}, "timeout", "job.timeout"),
    ({"timeout": timedelta(0)}, "timeout", "job.timeout"),
    (
        {"timeout": timedelta(days=8), "spot": Spot(max_wait=timedelta(days=9))},
        "timeout",
        "job.timeout",
    ),
    ({"spot": Spot(max_wait=timedelta(minutes=5))}, "spot.max_wait", "spot.max-wait"),
    ({"data": {"a-b": "departures", "a_b": "departures"}}, "data.a_b", "job.input-name"),
    ({"data": {"a b": "departures"}}, "data.a b", "job.input-name"),
    ({"metrics": ("a b",)}, "metrics", "job.metric-name"),
    ({"environment": {"MLOPS_X": "1"}}, "environment.MLOPS_X", "environment.reserved"),
    (
        {"environment": {"T": SecretRef(secret="team/token")}},
        "environment.T.secret",
        "secret.illegal-name",
    ),
    ({"compute": Compute(memory_gb=20_000)}, "compute", "compute.no-machine-type"),
    (
        {"compute": Compute(accelerator=Accelerator(kind=AcceleratorKind.L4))},
        "compute.accelerator.kind",
        "compute.no-machine-type",
    ),
    (
        {"compute": Compute(accelerator=Accelerator(kind=AcceleratorKind.T4, count=8))},
        "compute.accelerator.count",
        "compute.no-machine-type",
    ),
)
ENDPOINT: tuple[tuple[Mapping[str, Any], str, str], ...] = (
    ({"timeout": timedelta(seconds=181)}, "timeout", "endpoint.timeout"),
    ({"scaling": {"replicas": 51}}, "scaling.replicas", "scaling.too-large"),
    ({"scaling": Async()}, "scaling", "capability.refused"),
    (
        {"compute": Compute(accelerator=Accelerator(kind=AcceleratorKind.H200, count=8))},
        "compute.accelerator.kind",
        "compute.no-machine-type",
    ),
)


def _found(plan: Plan) -> list[tuple[str, str, str]]:
    return [(p.component, p.field, p.code) for p in plan.errors]


@pytest.mark.parametrize(("fields", "field", "code"), PLATFORM)
def test_a_wrong_platform_is_refused(
    tmp_path: Path, fields: Mapping[str, Any], field: str, code: str
) -> None:
    """At its field, with a rule and a remedy."""
    write_project(tmp_path)
    plan = planned(flights(), tmp_path, **fields)

    assert _found(plan) == [("platform", field, code)]
    assert all(p.rule and p.remedy for p in plan.errors)


@pytest.mark.parametrize(("fields", "field", "code"), JOB)
def test_a_wrong_job_is_refused(
    tmp_path: Path, fields: Mapping[str, Any], field: str, code: str
) -> None:
    """At its field, with a rule and a remedy."""
    write_project(tmp_path)
    plan = planned(flights(job=fields), tmp_path)

    assert _found(plan) == [("delay", field, code)]
    assert all(p.rule and p.remedy for p in plan.errors)


@pytest.mark.parametrize(("fields", "field", "code"), ENDPOINT)
def test_a_wrong_endpoint_is_refused(
    tmp_path: Path, fields: Mapping[str, Any], field: str, code: str
) -> None:
    """At its field, with a rule and a remedy."""
    write_project(tmp_path)
    plan = planned(flights(endpoint=fields), tmp_path)

    assert _found(plan) == [("score", field, code)]
    assert all(p.rule and p.remedy for p in plan.errors)


def test_data_of_another_cloud_is_refused(tmp_path: Path) -> None:
    """Azure ML reads its own stores."""
    write_project(tmp_path)
    plan = planned(flights(data={"source": "s3://bucket/key"}), tmp_path)

    assert _found(plan) == [("departures", "source", "dataset.scheme")]


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """Each would be a resource."""
    write_project(tmp_path)
    for number in range(MAX_UPLOADED_FILES):
        (tmp_path / "data" / f"{number}.parquet").touch()
    plan = planned(flights(), tmp_path)

    assert _found(plan) == [("departures", "source", "dataset.too-many-files")]


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Of every component."""
    write_project(tmp_path)
    components = flights(job=JOB[0][0], endpoint=ENDPOINT[0][0])
    plan = planned(components, tmp_path, **PLATFORM[4][0])

    assert {name for name, _, _ in _found(plan)} == {"platform", "delay", "score"}


def test_the_cheapest_size_is_chosen() -> None:
    """The table is in the order of its prices."""
    prices = [size.price for size in compute.MACHINE_TYPES]
    one_t4 = Compute(cpu=1, memory_gb=1, accelerator=Accelerator(kind=AcceleratorKind.T4))

    assert prices == sorted(prices)
    assert compute.chosen(Compute(), Use.HOSTING).name == "Standard_D2as_v4"
    assert compute.chosen(one_t4, Use.TRAINING).name == "Standard_NC4as_T4_v3"


def test_a_planner_is_told_what_replaces(tmp_path: Path) -> None:
    """Longest known prefix; tags change in place; the rest is unknown."""
    write_project(tmp_path)
    kinds = {r.type for r in record(planned(flights(), tmp_path)).azure}
    store = "azure-native:storage:StorageAccount"

    assert mutability.change(store, "accountName") is Mutability.REPLACE
    assert mutability.change(store, "sku.name") is Mutability.IN_PLACE
    assert mutability.change(store, "tags.team") is Mutability.IN_PLACE
    assert mutability.change(store, "accessTier") is Mutability.UNKNOWN
    assert kinds - {kind for kind, _ in mutability.MUTABILITY} == set()
