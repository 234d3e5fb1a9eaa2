"""What goes wrong on AWS, each with its remedy."""

from mlops_iac.errors import MlopsError


class AwsError(MlopsError):
    """AWS refuses, or is not as the declaration needs it."""

    code = "aws"


class NotOursError(AwsError):
    """A thing of that name exists and carries somebody else's mark."""

    code = "aws.not-ours"


class DeploymentError(AwsError):
    """A version cannot be served; the one before it, if there is one, goes on serving."""

    code = "aws.deployment"


class QuotaError(AwsError):
    """The account may not have that many; AWS names the quota."""

    code = "aws.quota"
