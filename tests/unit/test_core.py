"""Specs, names, capability tables, YAML, overlays and the recorder, each by itself.

Proves rules of the core alone. Limit: nothing here asks a provider except through planning.
"""

from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mlops_iac.capabilities import Capability, Level, Support, total_table
from mlops_iac.errors import PlanError, Problem, ProviderError
from mlops_iac.manifest import load_manifest
from mlops_iac.names import NameRule, physical_name
from mlops_iac.specs import Dataset, ExistingKey, ModelEndpoint, Platform, TrainingJob
from mlops_iac.specs.model_endpoint import Async, AutoscaledReplicas, FixedReplicas, Serverless
from mlops_iac.specs.types import Secret
from mlops_iac.stack import Stack
from mlops_iac.structure import build_order
from mlops_iac.target import TargetConfig, resolve
from mlops_iac.testing import SECRET, UNKNOWN, record
from mlops_iac.yaml_text import MAX_BYTES, MAX_DEPTH, parse, read


def test_specs_are_frozen_and_strict() -> None:
    data = Dataset("a", source="x")

    with pytest.raises(ValidationError):
        data.source = "y"
    with pytest.raises(ValidationError):
        Dataset("a", source="x", sorce="y")


@pytest.mark.usefixtures("event_loop")
def test_equal_declarations_are_equal_whatever_their_outputs() -> None:
    def declared(key: Any) -> Platform:
        return Platform(encryption=ExistingKey(key=key))

    one, two = pulumi.Output.from_input("a"), pulumi.Output.from_input("b")

    assert declared(one) == declared(two)
    assert hash(declared(one)) == hash(declared(two))
    assert declared("a") != declared("b")
    assert '"$unknown": true' in declared(one).canonical()


@pytest.mark.parametrize(
    ("written", "variant"),
    [
        ({}, FixedReplicas),
        ({"replicas": 2}, FixedReplicas),
        ({"max": 2}, AutoscaledReplicas),
        ({"memory_gb": 2}, Serverless),
        ({"mode": "async", "max": 2}, Async),
    ],
)
def test_a_variant_is_chosen_by_what_is_written(written: dict[str, Any], variant: type) -> None:
    assert type(ModelEndpoint("e", model="m", scaling=written).scaling) is variant


@pytest.mark.parametrize(("written", "read_back"), [("90s", "90s"), ("120m", "2h"), ("48h", "2d")])
def test_a_duration_has_a_unit_and_one_text(written: str, read_back: str) -> None:
    job = TrainingJob("j", script="s", data="d", timeout=written)

    assert job.model_dump(mode="json")["timeout"] == read_back


def test_a_component_is_as_good_as_its_name() -> None:
    data = Dataset("departures", source="x")
    job = TrainingJob("j", script="s", data=data)

    assert job == TrainingJob("j", script="s", data="departures")
    assert [(r.field, r.name, r.kinds) for r in job.references()] == [
        ("data", "departures", ("Dataset", "ProcessingJob"))
    ]


def test_a_secret_never_prints() -> None:
    secret = Secret("hunter2")

    assert "hunter2" not in f"{secret!r} {secret}"


RULES = st.builds(
    NameRule,
    max_length=st.integers(16, 63),
    separator=st.sampled_from(["-", "", "_"]),
    lower=st.booleans(),
)
PARTS = st.lists(st.text(max_size=40), min_size=1, max_size=4)


@given(rule=RULES, parts=PARTS, other=PARTS)
def test_names_are_legal_stable_and_distinct(
    rule: NameRule, parts: list[str], other: list[str]
) -> None:
    name = physical_name(rule, parts)

    assert len(name) <= rule.max_length
    assert name[0].isalpha()
    assert all((c.isascii() and c.isalnum()) or c == rule.separator for c in name)
    assert name == physical_name(rule, parts)
    assert (physical_name(rule, other) == name) == (other == parts)
    assert physical_name(rule, parts, content="x") != name


@given(length=st.integers(2, 19), parts=PARTS)
def test_a_name_of_digits_is_a_number_of_that_length(length: int, parts: list[str]) -> None:
    name = physical_name(NameRule(max_length=length, digits_only=True), parts)

    assert name.isdigit()
    assert (len(name), name[0] == "0") == (length, False)


def test_a_table_with_a_hole_fails_with_every_fault() -> None:
    rows = {capability: Support(Level.NATIVE) for capability in Capability}
    del rows[Capability.MODEL_CARD]
    rows[Capability.MODEL_PICKLE] = Support(Level.NEVER)

    with pytest.raises(ProviderError, match=r"`model.card` has no row; `model.trust-pickle` is"):
        total_table("acme", rows)


def test_a_problem_says_place_rule_and_remedy() -> None:
    problem = Problem(code="a.b", component="c", field="f", message="m", rule="r", remedy="d")

    assert str(problem) == "c.f: m\n  rule: r\n  hint: d"
    assert str(problem.at("x.yaml", 3)).startswith("x.yaml:3: c.f: m")
    assert str(problem.at("x.yaml", None)).startswith("x.yaml: c.f: m")


def test_words_stay_words() -> None:
    data, lines = parse("a: no\nb: 010\nc: 2024-01-01\nd: true\ne: 7", Path("x"))

    assert data == {"a": "no", "b": "010", "c": "2024-01-01", "d": True, "e": 7}
    assert lines["e",] == 5


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\nb: *x", "a: 1\na: 2", "a: [", "<<: {a: 1}", "[" * 2000, "a: {" * (MAX_DEPTH + 2)],
)
def test_what_is_not_plain_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        parse(text, Path("x"))


def test_a_file_has_a_largest_size(tmp_path: Path) -> None:
    file = tmp_path / "mlops.yaml"
    file.write_text("#" * (MAX_BYTES + 1))

    with pytest.raises(PlanError, match="is larger than"):
        read(file)


MANIFEST = """\
name: flights
platform: {target: local, tags: {team: "${env:TEAM}"}}
components:
  d: {kind: Dataset, source: "data/${config:part}"}
  t: {kind: TrainingJob, script: t.py, data: d, metrics: [a, b], compute: {cpu: 4, memory_gb: 9}}
environments:
  prod:
    components: {t: {metrics: [c], compute: {cpu: 8}}}
"""


def test_an_overlay_is_deep_and_replaces_lists(tmp_path: Path) -> None:
    (tmp_path / "mlops.yaml").write_text(MANIFEST)
    given_values: dict[str, Any] = {"environment": {"TEAM": "ml"}, "config": {"part": "a.csv"}}

    base = load_manifest(tmp_path, **given_values)
    prod = load_manifest(tmp_path, stack="prod", **given_values)

    assert dict(base.stack.platform.tags) == {"team": "ml"}
    assert base.specs["d"].model_dump()["source"] == "data/a.csv"
    before, after = (d.specs["t"].model_dump() for d in (base, prod))
    assert (before["metrics"], after["metrics"]) == (("a", "b"), ("c",))
    assert (after["compute"]["cpu"], after["compute"]["memory_gb"]) == (8, 9)
    assert (base.line("t", "compute.cpu"), prod.line("t", "compute.cpu")) == (5, 8)


def test_a_target_is_named_by_the_nearest_who_speaks() -> None:
    config = TargetConfig(target="c", by_kind={"Dataset": "k"})

    assert resolve("Dataset", "own", "up", config) == "own"
    assert resolve("Dataset", None, "up", config) == "k"
    assert resolve("Platform", None, "up", config) == "up"
    assert resolve("Platform", None, None, config) == "c"
    assert resolve("Platform", None, None, TargetConfig()) is None


def test_an_endpoint_is_built_after_the_jobs_that_train_its_model() -> None:
    stack = Stack(
        "s",
        components=[
            ModelEndpoint("e", model="m"),
            TrainingJob("t", script="s", data="d", model="m"),
            Dataset("d", source="x"),
        ],
    )

    assert build_order(stack.declaration().specs) == ("d", "t", "e")


class _Thing(pulumi.CustomResource):
    out: pulumi.Output[str]

    def __init__(self, name: str, given: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Thing", name, {"given": given, "out": None}, opts)


def _program() -> None:
    first = _Thing("first", pulumi.Output.secret("hunter2"))
    _Thing("second", first.out, pulumi.ResourceOptions(parent=first, protect=True))
    pulumi.export("team", pulumi.Config().get("team"))


def test_a_recording_shows_parents_secrets_and_unknowns() -> None:
    recording = record(_program, config={"project:team": "ml"})
    things = {thing.name: thing for thing in recording.of_type("test:index:Thing")}
    first, second = things["first"], things["second"]

    assert (first.inputs["given"], first.secrets) == (SECRET, ["given"])
    assert second.inputs["given"] == UNKNOWN
    assert (second.parent, second.protect) == (first.urn, True)
    assert recording.outputs == {"team": "ml"}
    assert "hunter2" not in str(recording)


def test_recordings_repeat_and_do_not_leak_into_each_other() -> None:
    one, two = record(_program, config={"project:team": "ml"}), record(_program)

    assert one.resources == two.resources
    assert two.outputs == {}
