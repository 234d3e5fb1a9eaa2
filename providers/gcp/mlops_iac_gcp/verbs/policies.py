"""Retraining policies that wait for a verdict on a version: they look as soon as it is given.

Vertex AI tells nobody of a label that changed: see `docs/decisions`.
"""

import uuid
from collections.abc import Iterator

from mlops_iac.runtime.policy import Phase
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac.specs import ModelEndpoint, ModelMonitor, RetrainingPolicy
from mlops_iac_gcp import place
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.verbs.site import Site


def wake(site: Site, model: str) -> None:
    """Start the executor of each policy that waits for a verdict on a version of a model."""
    for policy in _waiting(site, model):
        definition = site.read(place.definition_key(policy))
        if definition is not None:
            # Each look is a run of its own: it sees for itself what is new.
            runs.start(site.place, definition, uuid.uuid4().hex)
            site.work.log(f"policy {policy} looks at the verdict")


def _waiting(site: Site, model: str) -> Iterator[str]:
    for spec in site.scope.specs.values():
        if isinstance(spec, RetrainingPolicy) and _model(site, spec) == model:
            memory = site.read(f"{place.policy_prefix(spec.name)}/{STATE}")
            if memory is not None and memory["state"]["phase"] == Phase.AWAITING_APPROVAL:
                yield spec.name


def _model(site: Site, policy: RetrainingPolicy) -> str | None:
    monitor = site.scope.specs.get(str(policy.monitor))
    endpoint = site.scope.specs.get(monitor.endpoint) if isinstance(monitor, ModelMonitor) else None
    return str(endpoint.model.name) if isinstance(endpoint, ModelEndpoint) else None
