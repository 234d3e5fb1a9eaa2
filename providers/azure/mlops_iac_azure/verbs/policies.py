"""Retraining policies that wait for a verdict on a version: they look as soon as it is given.

Azure ML tells nobody of a tag that changed: see decision 0012.
"""

import uuid
from typing import Any

from mlops_iac.loop.following import waiting
from mlops_iac.runtime.policy.memory import STATE
from mlops_iac_azure import place
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.verbs.site import Site


def wake(site: Site, model: str) -> None:
    """Start the executor of each policy that waits for a verdict on a version of a model."""

    def memory(policy: str) -> Any:
        return site.read(f"{place.policy_prefix(policy)}/{STATE}")

    for policy in waiting(site.scope.specs, model, memory):
        definition = site.read(place.definition_key(policy))
        if definition is not None:
            # Each look is a run of its own: it sees for itself what is new.
            runs.start(site.place, definition, uuid.uuid4().hex)
            site.work.log(f"policy {policy} looks at the verdict")
