"""What goes wrong on Google Cloud, each with its remedy."""

from mlops_iac.errors import MlopsError


class GcpError(MlopsError):
    """Google Cloud refuses, or is not as the declaration needs it."""

    code = "gcp"


class ApiError(GcpError):
    """A service has answered with an error."""

    def __init__(self, message: str, *, remedy: str, http: int, status: str, said: str) -> None:
        super().__init__(message, remedy=remedy)
        self.http = http
        """HTTP status; 0 when the error is a long-running operation's."""
        self.status = status
        """Google's own word, such as `NOT_FOUND`."""
        self.said = said
        """The service's sentence alone."""


class UnreachedError(GcpError):
    """No answer has come: the call may or may not have been carried out."""

    code = "gcp.unreached"


class NotOursError(GcpError):
    """A thing of that name exists and carries somebody else's mark."""

    code = "gcp.not-ours"


class DeploymentError(GcpError):
    """A version cannot be served; the one before it, if there is one, goes on serving."""

    code = "gcp.deployment"


class QuotaError(ApiError):
    """The project may not have that many; Google names the quota."""

    code = "gcp.quota"
