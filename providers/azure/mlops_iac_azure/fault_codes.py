"""Azure's codes of errors: what each means, and what to do about it.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from collections.abc import Mapping

STATUSES: Mapping[int, str] = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}
"""Words by HTTP status, for answers that are not in Azure's shape."""
LOG_IN = "log in: `az login`"
REACH = "check the declared `region`, and this machine's way to Azure"
_LATER = "Azure does not answer as it should: try again in some minutes"
_BUSY_LATER = "somebody else changes it at the moment: try again in a minute"
_ROLES = (
    "the caller's roles lack this action, or do not hold here yet; `mlops-iac plan --format json` "
    "prints the role that a deployer needs"
)
_QUOTA = (
    "ask for more under Quotas in the portal (`az vm list-usage` shows them), or ask for less or "
    "other `compute`"
)
_REGISTER = "`az provider register --namespace NAMESPACE` with the namespace that Azure names"
_POLICY = "a policy of the subscription forbids it; its name stands in the message"
REMEDIES: Mapping[str, str] = {
    "AuthorizationFailed": _ROLES,
    "AuthorizationPermissionMismatch": _ROLES,
    "CanceledDueToConcurrentOperation": _BUSY_LATER,
    "ExpiredAuthenticationToken": LOG_IN,
    "Forbidden": _ROLES,
    "ForbiddenByConnection": "the store takes no calls from this network: work from inside it",
    "GatewayTimeout": _LATER,
    "InsufficientQuota": _QUOTA,
    "InternalServerError": _LATER,
    "InvalidAuthenticationToken": LOG_IN,
    "InvalidAuthenticationTokenTenant": "`az login --tenant` with the subscription's own tenant",
    "InvalidSubscriptionId": "`az account show` prints the subscription; declare it as `account`",
    "KeyBasedAuthenticationNotPermitted": "use an identity: the store takes no keys",
    "LinkedAuthorizationFailed": _ROLES,
    "LocationNotAvailableForResourceType": "declare another `region`",
    "MissingSubscriptionRegistration": _REGISTER,
    "NoRegisteredProviderFound": _REGISTER,
    "OutOfCapacity": "Azure has no such machine free: try later, or other `compute` or `region`",
    "OutOfQuota": _QUOTA,
    "QuotaExceeded": _QUOTA,
    "RequestDisallowedByPolicy": _POLICY,
    "RoleAssignmentLimitExceeded": "remove role assignments that nobody needs any more",
    "ScopeLocked": "remove the lock in the portal: `az lock list` shows it",
    "ServiceUnavailable": _LATER,
    "SkuNotAvailable": "declare other `compute`, or another `region`",
    "SubscriptionNotFound": "`az account show` prints the subscription; declare it as `account`",
    "SubscriptionNotRegistered": _REGISTER,
    "TooManyRequests": "too much was asked in a short time: try again in a minute",
    "Unauthorized": LOG_IN,
}
"""What to do, by the code of an answer.

https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""
QUOTA_CODES = frozenset({"InsufficientQuota", "OutOfQuota", "QuotaExceeded"})
TAKEN = frozenset(
    {
        "AlreadyExists",
        "BlobAlreadyExists",
        "ContainerAlreadyExists",
        "EntityAlreadyExists",
        "ResourceExists",
        "RoleAssignmentExists",
        "TableAlreadyExists",
        "UserError.AlreadyExists",
    }
)
BUSY = frozenset(
    {
        "AnotherOperationInProgress",
        "CanceledDueToConcurrentOperation",
        "ConcurrentOperationOnResource",
        "ContainerBeingDeleted",
        "EndpointHasInProgressOperation",
        "OperationNotAllowed",
        "ProvisioningStateNotTerminal",
        "ResourceNotReady",
        "TableBeingDeleted",
    }
)
BUSY_WORDS = (
    "another operation",
    "being deleted",
    "being modified",
    "being updated",
    "in progress",
    "in-progress",
    "non-terminal",
    "not in a terminal",
    "concurrent",
)
UNSETTLED = frozenset(
    {
        "AuthorizationFailed",
        "AuthorizationPermissionMismatch",
        "Forbidden",
        "ForbiddenByRbac",
        "LinkedAuthorizationFailed",
        "PrincipalNotFound",
    }
)
