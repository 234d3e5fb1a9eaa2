"""What `gcp` refuses, all at once, and that every field it takes changes the plan.

Proves the checks and the flip of fields that exist today; the core's generated flip test covers
every target.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mlops_iac_gcp import mutability, names
from mlops_iac_gcp.compute import MACHINE_TYPES, machine_type

from mlops_iac.compute import offers
from mlops_iac.names import NameRule, physical_name
from mlops_iac.specs import (
    Accelerator,
    AcceleratorKind,
    Async,
    Authentication,
    ColumnType,
    Compute,
    DataCapture,
    Dataset,
    ExistingKey,
    ExistingNetwork,
    ModelEndpoint,
    SecretRef,
    Serverless,
    Spec,
    Spot,
)
from tests.providers.gcp.harness import REGION, planned, problems, recorded
from tests.providers.gcp.scenarios import ENDPOINT, JOB, KEY, NETWORK, SCENARIOS, write_files

RULES = {name: rule for name, rule in vars(names).items() if isinstance(rule, NameRule)}

WRONG: tuple[tuple[str, str, Spec | None, dict[str, Any]], ...] = (
    ("platform.region", "region.unknown", None, {"region": "moon-east1"}),
    ("platform.region", "region.missing", None, {"region": None}),
    ("platform.account", "account.missing", None, {"account": None}),
    ("platform.account", "account.malformed", None, {"account": "123456789012"}),
    ("platform.role", "role.malformed", None, {"role": "arn:aws:iam::1:role/x"}),
    ("platform.tags.1st", "tags.label", None, {"tags": {"1st": "x"}}),
    ("platform.tags.TEAM", "tags.label", None, {"tags": {"team": "a", "TEAM": "b"}}),
    ("platform.tags.note", "tags.label", None, {"tags": {"note": "x" * 64}}),
    (
        "platform.encryption.key",
        "encryption.key",
        None,
        {"encryption": ExistingKey(key=KEY.replace(REGION, "us-east1"))},
    ),
    (
        "platform.network.network",
        "network.name",
        None,
        {"network": ExistingNetwork(network="main", subnets=NETWORK.subnets)},
    ),
    (
        "platform.network.subnets.0",
        "network.name",
        None,
        {"network": ExistingNetwork(network=NETWORK.network, subnets=("ml",))},
    ),
    (
        "platform.network.security_groups",
        "network.security-groups",
        None,
        {"network": NETWORK.model_copy(update={"security_groups": ("sg-1",)})},
    ),
    (
        "platform.runtime_image",
        "image.registry",
        None,
        {"runtime_image": "docker.io/acme/runtime@sha256:" + "a" * 64},
    ),
    ("lake.source", "dataset.scheme", Dataset("lake", source="s3://acme/x"), {}),
    ("lake.source", "dataset.uri", Dataset("lake", source="bq://table"), {}),
    (
        "lake.columns",
        "dataset.columns-unchecked",
        Dataset("lake", source="bq://p.d.t", columns={"t": ColumnType.NUMBER}),
        {},
    ),
    (
        "delay.spot.max_wait",
        "spot.max-wait",
        JOB.model_copy(update={"spot": Spot(max_wait=timedelta(minutes=5))}),
        {},
    ),
    (
        "delay.environment.KEY",
        "secret.name",
        JOB.model_copy(update={"environment": {"KEY": SecretRef(secret="a/b")}}),
        {},
    ),
    (
        "delay.compute",
        "compute.no-machine-type",
        JOB.model_copy(update={"compute": Compute(memory_gb=20_000)}),
        {},
    ),
    (
        "delay.compute.accelerator.kind",
        "compute.no-accelerator",
        JOB.model_copy(
            update={"compute": Compute(accelerator=Accelerator(kind=AcceleratorKind.L40S))}
        ),
        {},
    ),
    (
        "score.compute.disk_gb",
        "compute.disk",
        ENDPOINT.model_copy(update={"compute": Compute(disk_gb=101)}),
        {},
    ),
    (
        "score.timeout",
        "endpoint.timeout",
        ENDPOINT.model_copy(update={"timeout": timedelta(hours=2)}),
        {},
    ),
    (
        "score.authentication",
        "capability.refused",
        ENDPOINT.model_copy(update={"authentication": Authentication.KEY}),
        {},
    ),
    (
        "score.compute",
        "endpoint.serverless-compute",
        ENDPOINT.model_copy(update={"scaling": Serverless(), "compute": Compute(cpu=8)}),
        {},
    ),
    (
        "score.capture",
        "endpoint.serverless-capture",
        ENDPOINT.model_copy(update={"scaling": Serverless(), "capture": DataCapture()}),
        {},
    ),
    (
        "score.environment.PORT",
        "environment.reserved",
        ENDPOINT.model_copy(update={"scaling": Serverless(), "environment": {"PORT": "1"}}),
        {},
    ),
    (
        "score.timeout",
        "endpoint.timeout",
        ENDPOINT.model_copy(update={"scaling": Async(), "timeout": timedelta(minutes=11)}),
        {},
    ),
    (
        "score.compute",
        "endpoint.async-compute",
        ENDPOINT.model_copy(update={"scaling": Async(), "compute": Compute(memory_gb=33)}),
        {},
    ),
    (
        "score.capture",
        "endpoint.async-capture",
        ENDPOINT.model_copy(update={"scaling": Async(), "capture": DataCapture()}),
        {},
    ),
    (
        "score.environment.AIP_HTTP_PORT",
        "environment.reserved",
        ENDPOINT.model_copy(update={"environment": {"AIP_HTTP_PORT": "1"}}),
        {},
    ),
    (
        "delay.data.my data",
        "job.input-name",
        type(JOB)(**{**JOB.model_dump(), "data": {"my data": "departures"}}),
        {},
    ),
)


@pytest.mark.parametrize(("place", "code", "spec", "platform"), WRONG)
def test_a_wrong_declaration_is_refused_with_a_remedy(
    place: str, code: str, spec: Spec | None, platform: dict[str, Any], tmp_path: Path
) -> None:
    # The data is there: what is wrong with a reference is told before what is wrong with its name.
    data = [Dataset("departures", source="data/*.csv", format="csv")] if "data." in place else []
    components = () if spec is None else (spec, *data)

    found = problems(write_files(tmp_path), *components, **platform)

    assert {key: problem.code for key, problem in found.items()} == {place: code}
    assert found[place].remedy
    assert found[place].rule


def test_an_alias_that_vertex_ai_moves_by_itself_is_refused(tmp_path: Path) -> None:
    model = ENDPOINT.model.model_copy(update={"alias": "default"})
    # With its model and the job that trains it: else the missing reference is told in its place.
    components = [
        spec.model_copy(update={"model": model}) if isinstance(spec, ModelEndpoint) else spec
        for spec in SCENARIOS["smallest"].components
    ]

    (found,) = problems(write_files(tmp_path), *components).values()

    assert (found.code, found.field) == ("model.alias", "model")
    assert found.remedy


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    job = JOB.model_copy(
        update={
            "compute": Compute(memory_gb=20_000),
            "environment": {"KEY": SecretRef(secret="a/b")},
        }
    )

    found = problems(write_files(tmp_path), job, region="nowhere", role="me")

    assert set(found) == {
        "platform.region",
        "platform.role",
        "delay.compute",
        "delay.environment.KEY",
    }


def test_planning_gcp_registers_nothing_when_refused(tmp_path: Path) -> None:
    drawn = planned(tmp_path, region="nowhere")

    assert drawn.errors


@pytest.mark.parametrize("rule", RULES)
@given(parts=st.lists(st.text(max_size=80), min_size=3, max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_are_legal_and_stable(rule: str, parts: list[str]) -> None:
    import re

    name = physical_name(RULES[rule], parts)

    assert re.fullmatch(RULES[rule].pattern, name)
    assert RULES[rule].min_length <= len(name) <= RULES[rule].max_length
    assert physical_name(RULES[rule], parts) == name


@pytest.mark.parametrize("rule", RULES)
def test_names_of_different_things_differ(rule: str) -> None:
    made = {
        physical_name(RULES[rule], ("p" * 60, stack, f"c{n}")) for stack in "ab" for n in range(200)
    }

    assert len(made) == 400


@given(tags=st.dictionaries(st.text(max_size=90), st.text(max_size=90), max_size=8))
def test_labels_take_only_what_labels_take(tags: dict[str, str]) -> None:
    import re

    for key, value in names.labels(tags).items():
        assert re.fullmatch(r"[a-z0-9_-]{0,63}", key)
        assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)


@given(
    cpu=st.integers(1, 96),
    memory_gb=st.floats(0.5, 600),
    kind=st.none() | st.sampled_from(AcceleratorKind),
)
def test_the_machine_is_the_cheapest_that_satisfies(
    cpu: int, memory_gb: float, kind: AcceleratorKind | None
) -> None:
    wish = None if kind is None else Accelerator(kind=kind)
    compute = Compute(cpu=cpu, memory_gb=memory_gb, accelerator=wish)

    chosen = machine_type(compute)

    fitting = [m for m in MACHINE_TYPES if offers(m, compute)]
    assert (chosen is None) == (not fitting)
    if chosen is not None and chosen.price is not None:
        assert chosen.price == min(m.price for m in fitting if m.price is not None)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_property_that_is_set_has_its_mutability(scenario: str, tmp_path: Path) -> None:
    declared = SCENARIOS[scenario]

    recording = recorded(write_files(tmp_path), *declared.components, **declared.platform)

    used = {
        (r.type, name)
        for r in recording.resources
        if r.type.startswith("gcp:")
        for name in r.inputs
    }
    assert {row for row in used if row not in mutability.MUTABILITY} == set()
