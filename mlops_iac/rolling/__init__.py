"""What an endpoint serves, and when that changes: the rules that are the same on every cloud.

Versions are approved before they are served; an alias moves after its version has the traffic; a
roll-back goes to what was served before. How one version takes over from another is each back
end's own. The module stands on the standard library: it travels into the containers.
"""

from mlops_iac.rolling.rules import APPROVED, CHAMPION, Rolling

__all__ = ["APPROVED", "CHAMPION", "Rolling"]
