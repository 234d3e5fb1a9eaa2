"""What the pipelines' identity needs beside the workspace, to deploy what an alias names."""

from __future__ import annotations

import pulumi

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import AutoscaledReplicas, ModelEndpoint
from mlops_iac_azure import facts, ids
from mlops_iac_azure.app_request import is_app, token_name
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.loop_rights import Rights, Scope, let_do, let_have, worker
from mlops_iac_azure.grants import SECRETS_USER

SCALING = (
    "Microsoft.Insights/autoscaleSettings/read",
    "Microsoft.Insights/autoscaleSettings/write",
    "Microsoft.Insights/autoscaleSettings/delete",
)
"""Of a deployment that is autoscaled: its setting lies beside it, in the resource group."""
UNSCALING = tuple(action for action in SCALING if not action.endswith("/write"))
"""Of one that is not: the setting that an earlier declaration left is looked for, and goes."""
APPS = (
    "Microsoft.App/containerApps/read",
    "Microsoft.App/containerApps/write",
    "Microsoft.App/containerApps/delete",
    "Microsoft.App/containerApps/revisions/read",
    "Microsoft.App/containerApps/revisions/activate/action",
    "Microsoft.App/containerApps/revisions/deactivate/action",
    "Microsoft.App/managedEnvironments/read",
    "Microsoft.App/managedEnvironments/join/action",
    "Microsoft.Insights/metrics/read",
)
"""Of an endpoint that is a container app."""


def let_deploy(spec: ModelEndpoint, context: BuildContext) -> list[pulumi.Resource]:
    """Let the pipelines deploy on an endpoint that follows an alias; nothing for others."""
    if spec.model.is_pinned:
        return []
    if is_app(spec):
        return [let_do(context, "deployer", Rights(actions=APPS), worker(context), _group(context))]
    is_scaled = isinstance(spec.scaling, AutoscaledReplicas)
    rights = Rights(actions=SCALING if is_scaled else UNSCALING)
    return [let_do(context, "deployer", rights, worker(context), _group(context))]


def let_read_token(spec: ModelEndpoint, context: BuildContext) -> pulumi.Resource:
    """Let the server of a container app read the token that its callers bear."""
    vault = ids.resource_id(
        facts.group_id(context), "Microsoft.KeyVault/vaults", facts.vault(context)
    )
    path = f"/secrets/{token_name(spec, context)}"
    made = pulumi.Output.concat(Foundation.read(context.built_platform.native).vault_id, path)
    who = worker(context, Purpose.SERVING)
    return let_have(context, "token-reader", who, SECRETS_USER, (f"{vault}{path}", made))


def _group(context: BuildContext) -> Scope:
    full = facts.group_id(context)
    base = Foundation.read(context.built_platform.native)
    return full, base.group.apply(lambda _: full)
