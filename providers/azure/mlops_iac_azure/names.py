"""What Azure accepts as the name of each type of thing.

Sources: "Naming rules and restrictions for Azure resources" (learn.microsoft.com), the REST
models' path patterns (azure-mgmt-machinelearningservices 2.0.0b2), azure-ai-ml's own schemas.
"""

from mlops_iac.provider import NameRule

HASH_DIGITS = 16
"""Hex digits of a hash in a version or a path: 64 bits, so that versions never meet."""

_AZURE_RULES = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
)
_ML_MODELS = "azure-mgmt-machinelearningservices 2.0.0b2, path pattern"

RESOURCE_GROUP = NameRule(max_length=90, source=_AZURE_RULES)
STORAGE_ACCOUNT = NameRule(
    max_length=24, min_length=3, separator="", pattern=r"[a-z0-9]{3,24}", source=_AZURE_RULES
)
VAULT = NameRule(
    max_length=24,
    min_length=3,
    pattern=r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
    source=_AZURE_RULES,
)
KEY = NameRule(max_length=127, pattern=r"[a-zA-Z0-9-]{1,127}", source=_AZURE_RULES)
REGISTRY = NameRule(
    max_length=50, min_length=5, separator="", pattern=r"[a-zA-Z0-9]{5,50}", source=_AZURE_RULES
)
IDENTITY = NameRule(
    max_length=128, min_length=3, pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}", source=_AZURE_RULES
)
ROLE = NameRule(
    max_length=128,
    pattern=r"[^/%]{1,128}",
    source="https://learn.microsoft.com/azure/role-based-access-control/custom-roles",
)
LOG_ANALYTICS = NameRule(
    max_length=63,
    min_length=4,
    pattern=r"[A-Za-z0-9][A-Za-z0-9-]+[A-Za-z0-9]",
    source=_AZURE_RULES,
)
INSIGHTS = NameRule(max_length=260, pattern=r"[^%&\\?/]{1,260}", source=_AZURE_RULES)
DIAGNOSTICS = NameRule(max_length=260, pattern=r"[^*<>%&:\\?+/]{1,260}", source=_AZURE_RULES)
PRIVATE_ENDPOINT = NameRule(
    max_length=64, min_length=2, pattern=r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}\w", source=_AZURE_RULES
)
NETWORK = NameRule(
    max_length=64, min_length=2, pattern=r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}\w", source=_AZURE_RULES
)
SECURITY_GROUP = NameRule(
    max_length=80,
    min_length=1,
    pattern=r"[a-zA-Z0-9]([a-zA-Z0-9._-]{0,78}\w)?",
    source=_AZURE_RULES,
)
WORKSPACE = NameRule(
    max_length=33, min_length=3, pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}", source=_ML_MODELS
)
ENDPOINT = NameRule(
    max_length=32,
    min_length=3,
    pattern=r"[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?",
    source="azure-ai-ml 1.35, online endpoint schema; unique in a region",
)
ASSET = NameRule(max_length=128, pattern=r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}", source=_ML_MODELS)
"""Models, data, code, environments, components and jobs share one rule."""
COMPONENT = NameRule(
    max_length=128,
    separator="_",
    pattern=r"[a-z][a-z0-9_]{0,127}",
    source="azure-ai-ml 1.35, component schema",
)
CLUSTER = NameRule(
    max_length=32, min_length=3, pattern=r"[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])", source=_AZURE_RULES
)
"""Clusters of Azure ML."""
CONTAINER_APP = NameRule(
    max_length=32,
    min_length=2,
    pattern=r"(?!.*--)[a-z]([-a-z0-9]{0,30}[a-z0-9])",
    source=_AZURE_RULES,
)
CONTAINER_ENVIRONMENT = NameRule(
    max_length=32,
    min_length=2,
    pattern=r"(?!.*--)[a-z]([-a-z0-9]{0,30}[a-z0-9])",
    source=_AZURE_RULES,
)
VAULT_SECRET = NameRule(max_length=127, pattern=r"[a-zA-Z0-9-]{1,127}", source=_AZURE_RULES)
AUTOSCALE = NameRule(max_length=260, pattern=r"[^*<>%&:\\?+/]{1,260}", source=_AZURE_RULES)

TABLE = NameRule(
    max_length=63,
    min_length=3,
    separator="",
    pattern=r"[A-Za-z][A-Za-z0-9]{2,62}",
    source="https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#table-names",
)
TOPIC = NameRule(
    max_length=50,
    min_length=3,
    pattern=r"[a-zA-Z0-9-]{3,50}",
    source="https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsofteventgrid",
)
"""System topics of Event Grid, and subscriptions to them."""
WORKFLOW = NameRule(max_length=43, pattern=r"[a-zA-Z0-9._()-]{1,43}", source=_AZURE_RULES)
ALERT = NameRule(
    max_length=128,
    pattern=r"[^*#&+:<>?@%{}\\/|]{1,128}",
    source=_AZURE_RULES,
)
"""Alerts on metrics, and their action groups."""

RULES: tuple[NameRule, ...] = (
    RESOURCE_GROUP,
    STORAGE_ACCOUNT,
    VAULT,
    KEY,
    REGISTRY,
    IDENTITY,
    ROLE,
    LOG_ANALYTICS,
    INSIGHTS,
    DIAGNOSTICS,
    PRIVATE_ENDPOINT,
    NETWORK,
    SECURITY_GROUP,
    WORKSPACE,
    ENDPOINT,
    ASSET,
    COMPONENT,
    CLUSTER,
    CONTAINER_APP,
    CONTAINER_ENVIRONMENT,
    VAULT_SECRET,
    AUTOSCALE,
    TABLE,
    TOPIC,
    WORKFLOW,
    ALERT,
)
"""Every rule, for the tests."""

CAPTURES_DATASTORE = "mlops_iac_captures"
"""The workspace's name for the container of captures: letters, digits and `_`; unique in it."""
VAULT_ENTRY = r"[0-9a-zA-Z-]{1,127}"
"""A secret's name in Key Vault (Azure's naming rules)."""
