"""The exact permissions of whoever runs `up`, `refresh` and `destroy` on a plan.

Each registered resource asks for its actions, on its own ARN where IAM lets them be narrowed. The
roles that the stack hands to services may be passed to those services only.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac_aws import names, place
from mlops_iac_aws.deployer_rows import ARNS, BY_HAND, BY_SERVICE, RECOVERED
from mlops_iac_aws.deployer_table import HANDLERS, UNSCOPED

ACTIONS: Mapping[str, tuple[str, ...]] = {
    token: (*actions, *RECOVERED.get(token, ()))
    for token, actions in {**HANDLERS, **BY_HAND}.items()
}
"""Every action by the type that asks for it."""
PASSED_TO = (
    "codebuild.amazonaws.com",
    "events.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)


def permissions(resources: Iterable[Mapping[str, Any]], scope: Scope) -> dict[str, Any]:
    """Return the IAM policy that deploying a plan's resources takes.

    Args:
        resources: the plan's resources, as its document has them.
        scope: the platform's scope.
    """
    listed = list(resources)
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for resource in listed:
        for action in ACTIONS.get(resource["type"], ()):
            found[tuple(sorted(_arns(action, resource, scope)))].add(action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(arns)}
        for arns, actions in sorted(found.items())
    ]
    return {"Version": "2012-10-17", "Statement": [*statements, *_passed(listed, scope)]}


def _arns(action: str, resource: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    if action in UNSCOPED:
        yield "*"
        return
    service = action.partition(":")[0]
    field, own = ARNS.get(resource["type"], ("", ()))
    mine = [arn for arn in own if arn.split(":")[2] == service]
    name = resource["inputs"].get(field, "*") if field else "*"
    bucket = resource["inputs"].get("bucket", names.bucket(scope))
    for template in mine or BY_SERVICE[service]:
        yield template.format(
            partition=place.PARTITION,
            region=place.region(scope),
            account=place.account(scope),
            name=_known(name),
            bucket=_known(bucket),
        )


def _known(name: Any) -> str:
    return name if isinstance(name, str) else "*"


def _passed(resources: list[Mapping[str, Any]], scope: Scope) -> Iterator[dict[str, Any]]:
    roles = [r for r in resources if r["type"] == "aws:iam/role:Role"]
    arns = {f"arn:{place.PARTITION}:iam::{place.account(scope)}:role/{_role(r)}" for r in roles}
    if arns:
        yield {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": sorted(arns),
            "Condition": {"StringEquals": {"iam:PassedToService": list(PASSED_TO)}},
        }


def _role(resource: Mapping[str, Any]) -> str:
    return _known(resource["inputs"].get("name", "*"))
