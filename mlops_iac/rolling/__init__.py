"""What an endpoint serves, and when that changes: the rules that are the same on every cloud.

Versions are approved before they are served; an alias moves after its version has the traffic; a
roll-back goes to what was served before. How one version takes over from another is each back
end's own. The package stands on the standard library: it travels into the containers.
"""

from mlops_iac.rolling.backend import Backend
from mlops_iac.rolling.parts import (
    CHALLENGER,
    FOLDER,
    MAIN,
    Challenger,
    Deployed,
    Deployment,
    InService,
    Work,
    path_of,
)
from mlops_iac.rolling.rules import Rolling
from mlops_iac.rolling.saved import Saved

__all__ = [
    "CHALLENGER",
    "FOLDER",
    "MAIN",
    "Backend",
    "Challenger",
    "Deployed",
    "Deployment",
    "InService",
    "Rolling",
    "Saved",
    "Work",
    "path_of",
]
