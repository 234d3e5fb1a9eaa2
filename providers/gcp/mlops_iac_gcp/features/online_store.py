"""The online store: one Bigtable for all feature groups of a stack's platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import FeatureGroup
from mlops_iac_gcp import facts, names, sdk

if TYPE_CHECKING:
    from mlops_iac_gcp.foundation import Foundation

NATIVE = "online_store"
"""Native fact of a platform that has one: its id."""
_LEAST_NODES, _MOST_NODES, _BUSY_PERCENT = 1, 3, 50
"""A node is paid for while it idles; more come when they are half busy.

https://cloud.google.com/vertex-ai/docs/featurestore/latest/create-onlinestore ; the other kind of
store, `optimized`, is deprecated.
"""


def store_id(context: BuildContext, group: str) -> str:
    """Return the id of the store that a group's newest values go to.

    It is the platform's. A platform that another stack owns, or that a program has made before
    it said what else there is, knows of no group: then each group has a store of its own.
    """
    is_shared = NATIVE in context.built_platform.native
    return _identifier(context, context.platform.name if is_shared else group)


def add_online_store(foundation: Foundation) -> dict[str, sdk.pulumi.Output[str]]:
    """Make the platform's store when some group is read online; return its native fact."""
    context = foundation.context
    specs = context.specs.values()
    if not any(isinstance(spec, FeatureGroup) and spec.online for spec in specs):
        return {}
    name, identifier = foundation.name("online"), _identifier(context, context.component)
    store = _store(context, name, identifier, foundation.key, foundation.opts("features"))
    return {NATIVE: store.name}


def online_store(
    spec: FeatureGroup, context: BuildContext, key: sdk.pulumi.Output[str] | None
) -> sdk.pulumi.Output[str]:
    """Return the id of a group's store once it is there: the platform's, else one made here."""
    if NATIVE in context.built_platform.native:
        return context.built_platform.native[NATIVE]
    identifier = store_id(context, spec.name)
    return _store(context, context.name("online"), identifier, key, context.opts("online")).name


def _identifier(scope: Scope, owner: str) -> str:
    return scope.physical_name(names.FEATURES, owner, "online")


def _store(
    context: BuildContext,
    name: str,
    identifier: str,
    key: sdk.pulumi.Output[str] | None,
    opts: sdk.pulumi.ResourceOptions,
) -> sdk.gcp.vertex.AiFeatureOnlineStore:
    scaling = sdk.gcp.vertex.AiFeatureOnlineStoreBigtableAutoScalingArgs(
        min_node_count=_LEAST_NODES,
        max_node_count=_MOST_NODES,
        cpu_utilization_target=_BUSY_PERCENT,
    )
    return sdk.gcp.vertex.AiFeatureOnlineStore(
        name,
        name=identifier,
        project=facts.project(context),
        region=facts.region(context),
        bigtable=sdk.gcp.vertex.AiFeatureOnlineStoreBigtableArgs(auto_scaling=scaling),
        encryption_spec=None
        if key is None
        else sdk.gcp.vertex.AiFeatureOnlineStoreEncryptionSpecArgs(kms_key_name=key),
        labels=facts.labels(context),
        opts=opts,
    )
