"""What goes wrong on this machine, each with its remedy."""

from mlops_iac.errors import MlopsError


class LocalError(MlopsError):
    """Something on this machine is not as the declaration needs it."""

    code = "local"


class NotOursError(LocalError):
    """A thing of that name exists and carries somebody else's mark."""

    code = "local.not-ours"


class RunFailedError(LocalError):
    """A training run failed, now or earlier under the same key."""

    code = "local.run-failed"


class DeploymentError(LocalError):
    """A version cannot be served; the one before it goes on serving."""

    code = "local.deployment"
