"""The exact permissions of whoever runs `up`, `refresh` and `destroy` on a plan.

A custom role of the plan's own, in the form that `az role definition create` takes. What it may
assign is bounded by a condition to the roles of the plan: who deploys cannot make anybody an owner.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac_azure import facts, ids
from mlops_iac_azure.deployer_table import DATA, PERMISSIONS

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
_WRITE = "Microsoft.Authorization/roleAssignments/write"
_DELETE = "Microsoft.Authorization/roleAssignments/delete"
_ROLE = "Microsoft.Authorization/roleAssignments:RoleDefinitionId"


def permissions(resources: Iterable[Mapping[str, Any]], scope: Scope) -> dict[str, Any]:
    """Return the role that deploying a plan's resources takes, and what its assignment is bound to.

    Args:
        resources: the plan's resources, as its document has them.
        scope: the platform's scope.
    """
    listed = list(resources)
    types = {item["type"] for item in listed}
    subscription = f"/subscriptions/{facts.subscription(scope)}"
    return {
        "role": {
            "Name": f"{scope.project} {scope.stack} deployer",
            "IsCustom": True,
            "Description": "mlops-iac: what deploying this plan takes, and nothing else",
            "Actions": _all(PERMISSIONS, types),
            "NotActions": [],
            "DataActions": _all(DATA, types),
            "NotDataActions": [],
            "AssignableScopes": [subscription],
        },
        "assignedOn": subscription,
        "condition": condition(_roles(listed)),
        "conditionVersion": "2.0",
    }


def condition(roles: Iterable[str]) -> str | None:
    """Return the condition that only these roles are given and taken; `None` without any.

    https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
    """
    named = ", ".join(sorted(roles))
    if not named:
        return None
    given = f"@Request[{_ROLE}] ForAnyOfAnyValues:GuidEquals {{{named}}}"
    taken = f"@Resource[{_ROLE}] ForAnyOfAnyValues:GuidEquals {{{named}}}"
    return (
        f"((!(ActionMatches{{'{_WRITE}'}})) OR ({given}))"
        f" AND ((!(ActionMatches{{'{_DELETE}'}})) OR ({taken}))"
    )


def _all(table: Mapping[str, tuple[str, ...]], types: Iterable[str]) -> list[str]:
    return sorted({action for each in types for action in table.get(each, ())})


def _roles(resources: Iterable[Mapping[str, Any]]) -> set[str]:
    named = (r["inputs"].get("roleDefinitionId") for r in resources if r["type"] == ASSIGNMENT)
    return {ids.name_of(each) for each in named if isinstance(each, str)}
