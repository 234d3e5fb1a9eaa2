"""Security Hub's SageMaker controls, and those of jobs, hold on every careful declaration.

Limit: they are read from AWS's pages by us; Prowler and Checkov judge what they know.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.judges import controls, waivers
from tests.judges.controls import CONTROLS, NEVER, Control
from tests.judges.waivers import Failed, left_over
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import SCENARIOS, write_files

CAREFUL = [
    name
    for name, s in SCENARIOS.items()
    if "encryption" in s.platform and (s.platform.get("profile") in {"prod", "regulated"})
]
_ONE = [{"InitialInstanceCount": 1}, {"InitialInstanceCount": 2}]
_ANY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": "*"}
CARELESS: Mapping[str, dict[str, Any]] = {
    "SageMaker.4": {"ProductionVariants": _ONE},
    "SageMaker.14": {"monitoringScheduleConfig": {"monitoringJobDefinition": {}}},
    "SageMaker.16": {"PrimaryContainer": {"ImageConfig": {"RepositoryAccessMode": "Platform"}}},
    "SageMaker.17": {"offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://data"}}},
    "SageMaker.18": {"onlineStoreConfig": {"enableOnlineStore": True}},
    "SageMaker.19": {"Containers": [{"Image": "a"}, {"Image": "b"}]},
    "capture-kms-key": {"DataCaptureConfig": {"EnableCapture": True}},
    "processing-output-key": {"ProcessingOutputConfig": {"Outputs": []}},
    "confused-deputy": {"assumeRolePolicy": {"Statement": [{"Effect": "Allow"}]}},
    "SNS.4": {"policy": {"Statement": [_ANY]}},
    "VPC-001": {"policy": {}, "vpcEndpointType": "Interface", "privateDnsEnabled": False},
}
"""What breaks a control; for the others it is enough to say nothing."""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> list[Failed]:
    folder = write_files(tmp_path_factory.mktemp("declared"))
    return [item for name in CAREFUL for item in _judged(name, folder)]


def _judged(name: str, folder: Path) -> list[Failed]:
    scenario = SCENARIOS[name]
    recorded = record(folder, *scenario.components(), **scenario.platform)
    where = {"network"} & scenario.platform.keys() | {scenario.platform["profile"]}
    found = controls.judge(recorded.resources, *where)
    return [replace(item, resource=f"{name}: {item.resource}") for item in found]


def test_every_control_holds_that_is_not_waived(failed: list[Failed]) -> None:
    assert left_over(failed, waivers.CONTROLS["aws"]) == ([], [])


def test_every_control_of_security_hub_is_there_once() -> None:
    named = [control.id for control in CONTROLS]

    assert {f"SageMaker.{number}" for number in range(1, 26)} <= set(named)
    assert sorted(set(named)) == sorted(named)
    assert set(CARELESS) <= set(named)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_a_control_fails_on_a_planted_violation(control: Control) -> None:
    assert not control.passes(CARELESS.get(control.id, {}))


def test_a_control_is_asked_of_something_unless_a_stack_has_none(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    complete = SCENARIOS["complete-regulated"]
    resources = record(folder, *complete.components(), **complete.platform).resources
    there = {call.operation for call in controls.calls(resources)}

    assert {c.id for c in CONTROLS if c.on not in there} == {
        c.id for c in CONTROLS if c.demand == NEVER
    }
