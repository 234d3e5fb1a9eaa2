"""Permissions of a large stack in policies that IAM takes: none is too long, none is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.policy_parts import (
    INLINE_LIMIT,
    MANAGED_COUNT,
    MANAGED_LIMIT,
    parts,
    size,
)

from mlops_iac.provider import Purpose
from mlops_iac.specs import ModelEndpoint, ProcessingJob, RegisteredModel, Spec, TrainingJob
from tests.providers.aws.harness import Recorded, problems, record
from tests.providers.aws.scenarios import NETWORK, flights, write_files


def _many(count: int) -> Iterator[Spec]:
    yield flights()
    for number in range(count):
        model = f"model-{number}"
        yield RegisteredModel(model)
        yield TrainingJob(f"train-{number}", script="train.py", data="flights", model=model)
        yield ProcessingJob(
            f"clean-{number}", script="train.py", data="flights", outputs={"rows": "csv"}
        )
        yield ModelEndpoint(f"serve-{number}", model=model, capture={"percent": 10})


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = write_files(tmp_path_factory.mktemp("large"))
    encryption = {"rotation_days": 90}
    return record(folder, *_many(14), profile="prod", encryption=encryption, network=NETWORK)


def _managed(recorded: Recorded, use: Purpose) -> list[Any]:
    """Return the managed policies that are attached to a role."""
    role = recorded.one(f"platform-{use}-role").inputs["name"]
    attached = recorded.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    mine = {r.name.removesuffix("-attached") for r in attached if r.inputs["role"] == role}
    return [json.loads(recorded.one(name).inputs["policy"]) for name in sorted(mine)]


@pytest.mark.parametrize("use", [*Purpose])
def test_every_policy_of_a_stack_with_many_components_is_one_that_iam_takes(
    use: Purpose, large: Recorded
) -> None:
    inline = json.loads(large.one(f"platform-{use}-policy").inputs["policy"])
    managed = _managed(large, use)

    assert size(inline) <= INLINE_LIMIT
    assert [size(each) for each in managed if size(each) > MANAGED_LIMIT] == []
    assert len(managed) <= MANAGED_COUNT
    assert use is not Purpose.PIPELINE or managed != []


def test_who_waits_for_a_role_waits_for_all_of_its_policies(large: Recorded) -> None:
    attached = {
        r.urn
        for r in large.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if r.name.startswith("platform-pipeline-")
    }

    assert attached != set()
    assert attached <= set(large.one("platform-pipeline-policy").depends_on)


def test_parts_allow_exactly_what_the_whole_allows() -> None:
    whole = _policy(statements=40, resources=90)

    found = parts(whole)

    assert found.managed != ()
    assert _allowed(found.inline, *found.managed) == _allowed(whole)
    sids = [[s["Sid"] for s in part["Statement"]] for part in (found.inline, *found.managed)]
    assert all(len(set(names)) == len(names) for names in sids)


def test_what_fits_stays_one_policy() -> None:
    whole = _policy(statements=3, resources=2)

    assert parts(whole).inline == whole
    assert parts(whole).managed == ()


def _policy(*, statements: int, resources: int) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Do{number}",
                "Effect": "Allow",
                "Action": [f"s3:Get{number}"],
                "Resource": [f"arn:aws:s3:::bucket/{number}/{i}" for i in range(resources)],
                "Condition": {"StringEquals": {"aws:RequestTag/number": str(number)}},
            }
            for number in range(statements)
        ],
    }


def _allowed(*policies: Any) -> set[tuple[str, str, str]]:
    return {
        (action, resource, json.dumps(statement["Condition"]))
        for policy in policies
        for statement in policy["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_a_stack_that_no_number_of_policies_serves_is_refused(tmp_path: Path) -> None:
    found = problems(write_files(tmp_path), *_many(220))

    assert {(p.code, p.component) for p in found} == {("platform.too-many-permissions", "platform")}
