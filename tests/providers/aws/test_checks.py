"""What AWS would refuse is refused by `aws` before anything is registered, in the user's words.

Proves the code and field of each problem, and that each has a rule and a remedy.
"""

from pathlib import Path
from typing import Any

import pytest

from mlops_iac.content import MAX_UPLOADED_FILES
from mlops_iac.errors import Problem, Severity
from mlops_iac.specs import Dataset, Spec
from tests.providers.aws.harness import problems
from tests.providers.aws.scenarios import (
    DIGEST,
    FOREIGN,
    NETWORK,
    RUNTIME,
    SCENARIOS,
    base,
    delay,
    flights,
    late,
    score,
    write_files,
)

_TO_ZERO = {"min": 0, "max": 2}
_RIVAL = {"model": "late@challenger"}
_SHADOW = {**_RIVAL, "shadow": True}
_OTHER_REGION = RUNTIME.replace("eu-west-1", "us-east-1")
_CASES: list[tuple[str, str, tuple[Spec, ...], dict[str, Any]]] = [
    ("region.unknown", "region", (), {"region": "eu-west-9"}),
    ("region.missing", "region", (), {"region": None}),
    ("account.missing", "account", (), {"account": None}),
    ("identifier.malformed", "account", (), {"account": "my-account"}),
    ("identifier.malformed", "role", (), {"role": "deployer"}),
    ("identifier.malformed", "network.network", (), {"network": {**NETWORK, "network": "main"}}),
    ("identifier.malformed", "network.subnets", (), {"network": {**NETWORK, "subnets": ("a",)}}),
    (
        "identifier.malformed",
        "network.security_groups",
        (),
        {"network": {**NETWORK, "security_groups": ("a",)}},
    ),
    ("identifier.malformed", "encryption.key", (), {"encryption": {"key": "my key"}}),
    ("image.not-in-registry", "runtime_image", (), {"runtime_image": FOREIGN}),
    ("image.not-in-registry", "runtime_image", (), {"runtime_image": _OTHER_REGION}),
    (
        "image.too-long",
        "runtime_image",
        (),
        {"runtime_image": RUNTIME.replace("runtime@", "r" * 200 + "@")},
    ),
    ("tags.not-allowed", "tags.aws:team", (), {"tags": {"aws:team": "ml"}}),
    ("tags.not-allowed", "tags.te*m", (), {"tags": {"te*m": "ml"}}),
    ("tags.not-allowed", "tags.team", (), {"tags": {"team": "m" * 257}}),
    ("dataset.scheme", "source", (Dataset("d", source="gs://bucket/x"),), {}),
    ("dataset.glob", "source", (Dataset("d", source="s3://bucket/*.csv"),), {}),
    ("image.not-in-registry", "image", (flights(), delay(script=None, image=FOREIGN)), {}),
    ("compute.no-machine-type", "compute", (flights(), delay(compute={"cpu": 256})), {}),
    (
        "compute.no-machine-type",
        "compute",
        base(compute={"cpu": 4, "accelerator": {"kind": "v100"}}),
        {},
    ),
    (
        "compute.no-machine-type",
        "compute",
        base(compute={"accelerator": {"kind": "t4"}}),
        {"region": "il-central-1"},
    ),
    ("compute.no-machine-type", "compute", base(compute={"disk_gb": 600}), {}),
    ("job.timeout", "timeout", (flights(), delay(timeout="29d")), {}),
    ("job.timeout", "timeout", (flights(), delay(timeout="0s")), {}),
    (
        "training.spot-wait",
        "spot.max_wait",
        (flights(), delay(timeout="2h", spot={"max_wait": "1h"})),
        {},
    ),
    (
        "job.requirements-unused",
        "requirements",
        (flights(), delay(requirements="requirements.txt")),
        {"runtime_image": RUNTIME},
    ),
    ("training.input-name", "data", (flights(), delay(data={"a b": "flights"})), {}),
    ("training.input-name", "data", (flights(), delay(data={"code": "flights"})), {}),
    (
        "training.too-many-inputs",
        "data",
        (flights(), delay(data={f"d{n}": "flights" for n in range(20)})),
        {},
    ),
    (
        "training.hyperparameter-too-long",
        "hyperparameters.text",
        (flights(), delay(hyperparameters={"text": "x" * 2500})),
        {},
    ),
    ("training.metric-name", "metrics", (flights(), delay(metrics=("a,b",))), {}),
    (
        "training.metrics-too-long",
        "metrics",
        (flights(), delay(metrics=tuple(f"metric-number-{n:03}" for n in range(40)))),
        {},
    ),
    (
        "environment.too-long",
        "environment.A",
        (flights(), delay(environment={"A": "x" * 513})),
        {},
    ),
    ("environment.too-long", "environment.A", base(environment={"A": "x" * 1025}), {}),
    ("environment.reserved", "environment.MLOPS_X", base(environment={"MLOPS_X": "1"}), {}),
    ("endpoint.serverless-memory", "scaling.memory_gb", base(scaling={"memory_gb": 8}), {}),
    (
        "endpoint.serverless-concurrency",
        "scaling.max_concurrency",
        base(scaling={"memory_gb": 2, "max_concurrency": 300}),
        {},
    ),
    (
        "endpoint.serverless-compute",
        "compute",
        base(scaling={"memory_gb": 2}, compute={"accelerator": {"kind": "t4"}}),
        {},
    ),
    (
        "endpoint.serverless-rollout",
        "rollout",
        base(scaling={"memory_gb": 4}, rollout={"percent": 10, "wait": "5m"}),
        {},
    ),
    (
        "endpoint.serverless-capture",
        "capture",
        base(scaling={"memory_gb": 2}, capture={"percent": 10}),
        {},
    ),
    (
        "endpoint.serverless-network",
        "scaling",
        base(scaling={"memory_gb": 2}),
        {"network": NETWORK},
    ),
    (
        "endpoint.serverless-challenger",
        "challenger",
        base(scaling={"memory_gb": 2}, challenger=_RIVAL),
        {},
    ),
    (
        "endpoint.async-challenger",
        "challenger",
        base(scaling={"mode": "async"}, challenger=_RIVAL),
        {},
    ),
    (
        "endpoint.async-challenger",
        "challenger",
        base(scaling={"mode": "async"}, challenger=_SHADOW),
        {},
    ),
    (
        "endpoint.shadow-scaling",
        "scaling",
        base(scaling={"min": 1, "max": 3}, challenger=_SHADOW),
        {},
    ),
    ("endpoint.shadow-rollout", "rollout", base(rollout={"percent": 10}, challenger=_SHADOW), {}),
    ("endpoint.timeout", "timeout", base(timeout="61s"), {}),
    ("endpoint.timeout", "timeout", base(scaling={"mode": "async"}, timeout="2h"), {}),
    ("endpoint.rollout-wait", "rollout.wait", base(rollout={"percent": 5, "wait": "2h"}), {}),
    ("endpoint.rollout-too-long", "rollout", base(rollout={"step_percent": 10, "wait": "1h"}), {}),
    ("endpoint.zero-rollout", "rollout", base(scaling=_TO_ZERO, rollout={"percent": 5}), {}),
    ("endpoint.zero-capture", "capture", base(scaling=_TO_ZERO, capture={"percent": 5}), {}),
    ("endpoint.zero-challenger", "challenger", base(scaling=_TO_ZERO, challenger=_RIVAL), {}),
    ("capability.refused", "authentication", base(authentication="key"), {}),
]
_WARNINGS: list[tuple[str, str, dict[str, Any]]] = [
    ("profile.control-missing", "encryption", {"profile": "regulated"}),
    ("profile.control-missing", "network", {"profile": "regulated"}),
    ("endpoint.single-replica", "scaling.replicas", {"profile": "prod"}),
]


def _errors(found: list[Problem]) -> list[Problem]:
    return [p for p in found if p.severity is Severity.ERROR]


@pytest.mark.parametrize(("code", "field", "components", "platform"), _CASES)
def test_what_aws_refuses_is_a_problem(
    code: str, field: str, components: tuple[Spec, ...], platform: dict[str, Any], tmp_path: Path
) -> None:
    found = problems(write_files(tmp_path), *components, **platform)

    # Some declarations here leave out what the case does not need, such as the model.
    mine = [p for p in _errors(found) if (p.code, p.field) == (code, field)]
    assert mine, [f"{p.code} {p.field}" for p in found]
    assert all(p.rule and p.remedy and p.message for p in mine)
    assert {p.code for p in _errors(found)} <= {code, "reference.unknown"}


@pytest.mark.parametrize(("code", "field", "platform"), _WARNINGS)
def test_what_a_profile_would_rather_have_is_a_warning(
    code: str, field: str, platform: dict[str, Any], tmp_path: Path
) -> None:
    found = problems(write_files(tmp_path), *base(), **platform)

    assert not _errors(found)
    assert (code, field) in {(p.code, p.field) for p in found}


def test_one_replica_is_a_warning_also_where_more_may_follow(tmp_path: Path) -> None:
    components = base(scaling={"min": 1, "max": 3})
    found = problems(write_files(tmp_path), *components, profile="prod")

    assert ("endpoint.single-replica", "scaling.min") in {(p.code, p.field) for p in found}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_aws_takes_is_no_problem(scenario: str, tmp_path: Path) -> None:
    chosen = SCENARIOS[scenario]

    assert not _errors(problems(write_files(tmp_path), *chosen.components(), **chosen.platform))


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    found = problems(
        write_files(tmp_path),
        flights(),
        late(),
        delay(timeout="29d", metrics=("a,b",)),
        score(timeout="2h", rollout={"percent": 5, "wait": "2h"}),
        account="nobody",
        runtime_image=f"example.com/x@{DIGEST}",
    )

    assert {p.code for p in _errors(found)} == {
        "identifier.malformed",
        "image.not-in-registry",
        "job.timeout",
        "training.metric-name",
        "endpoint.timeout",
        "endpoint.rollout-wait",
    }


def test_as_many_tags_as_a_platform_may_have_are_taken(tmp_path: Path) -> None:
    tags = {f"tag{n}": "x" for n in range(40)}

    assert not _errors(problems(write_files(tmp_path), tags=tags))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    write_files(tmp_path)
    for number in range(MAX_UPLOADED_FILES):
        (tmp_path / f"data/{number}.csv").touch()

    (found,) = _errors(problems(tmp_path, flights()))
    assert found.code == "dataset.too-many-files"


def test_a_script_in_a_huge_folder_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path)
    with (tmp_path / "weights.bin").open("wb") as file:
        file.truncate((50 << 20) + 1)

    (found,) = _errors(problems(tmp_path, flights(), late(), delay()))
    assert (found.code, found.field) == ("job.code", "script")
    (tmp_path / ".mlopsignore").write_text("# made\n*.bin\n")
    assert not _errors(problems(tmp_path, flights(), late(), delay()))
