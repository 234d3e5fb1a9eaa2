"""How each component is now, asked of Azure, not of the engine's state."""

from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Spec
from mlops_iac.verbs import status
from mlops_iac.verbs.endpoints import ABSENT
from mlops_iac.verbs.status import Looks, Seen
from mlops_iac_azure import tracking
from mlops_iac_azure.experiment_tracker import experiment_id
from mlops_iac_azure.features.document import current
from mlops_iac_azure.verbs.site import Site


def component_status(site: Site, spec: Spec) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    return status.component_status(site, spec, _LOOKS)


def _platform(site: Site, _name: str) -> Seen:
    details = {
        "bucket": site.bucket,
        "region": site.place.region,
        "workspace": site.place.workspace,
    }
    return ("ready" if site.is_there() else ABSENT), details


def _feature_group(site: Site, name: str) -> Seen:
    if site.definition(name) is None:
        return ABSENT, {}
    filled = current(site.place, site.bucket, name)
    details: dict[str, Any] = {"rows": None if filled is None else filled.rows}
    if filled is not None:
        details["version"] = filled.version
    return "registered", details


def _tracker(site: Site, name: str) -> Seen:
    if not site.is_there():
        return ABSENT, {}
    identity = experiment_id(site.scope, name)
    found = tracking.experiment(site.place, identity)
    if found is None or found.get("lifecycle_stage") == "deleted":
        return ABSENT, {}
    return "ready", {"experiment": identity, "tracking_uri": tracking.address(site.place)}


_LOOKS: Looks[Site] = {
    **status.LOOKS,
    "Platform": _platform,
    "FeatureGroup": _feature_group,
    "ExperimentTracker": _tracker,
}
