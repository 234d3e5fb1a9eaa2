"""Retraining policies that wait for a verdict on a version: they look as soon as it is given.

Not every registry tells of a verdict: see `docs/decisions/0012`.
"""

import uuid

from mlops_iac.loop.following import waiting
from mlops_iac.verbs.ported import PortedSite
from mlops_iac.verbs.site import tell


def wake(site: PortedSite, model: str) -> None:
    """Start the executor of each policy that waits for a verdict on a version of a model."""
    for policy in waiting(site.scope.specs, model, site.memory):
        definition = site.definition(policy)
        if definition is not None:
            # Each look is a run of its own: it sees for itself what is new.
            site.runs.start(site.place, definition, uuid.uuid4().hex)
            tell(f"policy {policy} looks at the verdict")
