"""What goes wrong on Azure, each with its remedy."""

from mlops_iac.errors import MlopsError


class AzureError(MlopsError):
    """Azure refuses, or is not as the declaration needs it."""

    code = "azure"


class ApiError(AzureError):
    """A service has answered with an error."""

    def __init__(self, message: str, *, remedy: str, http: int, status: str, said: str) -> None:
        super().__init__(message, remedy=remedy)
        self.http = http
        """HTTP status; 0 when the error is a long-running operation's."""
        self.status = status
        """Azure's own word, such as `ResourceNotFound`."""
        self.said = said
        """The service's sentence alone."""


class UnreachedError(AzureError):
    """No answer has come: the call may or may not have been carried out."""

    code = "azure.unreached"


class NotOursError(AzureError):
    """A thing of that name exists and carries somebody else's mark."""

    code = "azure.not-ours"


class DeploymentError(AzureError):
    """A version cannot be served; the one before it, if there is one, goes on serving."""

    code = "azure.deployment"


class QuotaError(ApiError):
    """The subscription may not have that many; Azure names the quota."""

    code = "azure.quota"
