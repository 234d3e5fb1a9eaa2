"""The exact permissions of whoever runs `up`, `refresh` and `destroy` on a plan.

A custom role of the plan's own, in the form that `gcloud iam roles create --file` takes; acting as
a service account is no part of it: that role is bound on each account that the stack makes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mlops_iac.provider import Scope
from mlops_iac_gcp import facts, grants
from mlops_iac_gcp.deployer_table import ACT_AS, PERMISSIONS

ACCOUNT = "gcp:serviceaccount/account:Account"


def permissions(resources: Iterable[Mapping[str, Any]], scope: Scope) -> dict[str, Any]:
    """Return the role that deploying a plan's resources takes, and the accounts to act as.

    Args:
        resources: the plan's resources, as its document has them.
        scope: the platform's scope.
    """
    listed = list(resources)
    asked = {each for item in listed for each in PERMISSIONS.get(item["type"], ())}
    return {
        "role": {
            "title": f"{scope.project} {scope.stack} deployer",
            "description": "mlops-iac: what deploying this plan takes, and nothing else",
            "stage": "GA",
            "includedPermissions": sorted(asked - {ACT_AS}),
        },
        "boundOn": f"projects/{facts.project(scope)}",
        "actAs": {"role": grants.ACT_AS, "on": _accounts(listed, scope)},
    }


def _accounts(resources: Iterable[Mapping[str, Any]], scope: Scope) -> list[str]:
    ids = (r["inputs"].get("accountId") for r in resources if r["type"] == ACCOUNT)
    domain = f"{facts.project(scope)}.iam.gserviceaccount.com"
    return sorted(f"{each}@{domain}" for each in ids if isinstance(each, str))
