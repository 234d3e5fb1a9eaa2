"""How each component is now, asked of Google Cloud, not of the engine's state."""

from typing import Any

from mlops_iac.operations import ComponentStatus
from mlops_iac.specs import Spec
from mlops_iac.verbs import status
from mlops_iac.verbs.endpoints import ABSENT
from mlops_iac.verbs.status import Looks, Seen
from mlops_iac_gcp import facts, rest
from mlops_iac_gcp.experiment_tracker import experiment_id
from mlops_iac_gcp.faults import found
from mlops_iac_gcp.features.document import current
from mlops_iac_gcp.features.steps import feature_group_id
from mlops_iac_gcp.verbs.site import Site

_FEATURE_GROUPS = "projects.locations.featureGroups"
_CONTEXTS = "projects.locations.metadataStores.contexts"


def component_status(site: Site, spec: Spec) -> ComponentStatus:
    """Return how a declared component is now; `absent` before the first `up`."""
    return status.component_status(site, spec, _LOOKS)


def _platform(site: Site, _name: str) -> Seen:
    details = {"bucket": site.bucket, "region": site.place.region}
    return ("ready" if site.is_there() else ABSENT), details


def _feature_group(site: Site, name: str) -> Seen:
    group = feature_group_id(site.scope, name)
    params = {"name": f"{facts.location(site.scope)}/featureGroups/{group}"}
    if found(rest.call, site.place, "aiplatform.v1", f"{_FEATURE_GROUPS}.get", params) is None:
        return ABSENT, {}
    filled = current(site.place, site.bucket, name)
    details: dict[str, Any] = {"group": group, "rows": None if filled is None else filled.rows}
    if filled is not None:
        details["version"] = filled.version
    return "registered", details


def _tracker(site: Site, name: str) -> Seen:
    experiment = experiment_id(site.scope, name)
    store = f"{facts.location(site.scope)}/metadataStores/default"
    params = {"name": f"{store}/contexts/{experiment}"}
    answer = found(rest.call, site.place, "aiplatform.v1", f"{_CONTEXTS}.get", params)
    if answer is None:
        return ABSENT, {}
    address = f"{facts.vertex_address(site.scope)}v1/{answer['name']}"
    return "ready", {"experiment": experiment, "tracking_uri": address}


_LOOKS: Looks[Site] = {
    **status.LOOKS,
    "Platform": _platform,
    "FeatureGroup": _feature_group,
    "ExperimentTracker": _tracker,
}
