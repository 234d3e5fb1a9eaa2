"""The variants of an endpoint: what answers, and a second version beside it."""

MAIN = "main"
"""An update keeps the variant's name: deployment guardrails ask for it.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
"""
CHALLENGER = "challenger"
VARIANTS = (MAIN, CHALLENGER)
"""In the order in which a configuration lists them."""

VARIANT_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
COMPONENT_DIMENSION = "sagemaker:inference-component:DesiredCopyCount"
"""What scaling changes: the machines of a variant, or the copies of an inference component."""


def variant_resource(endpoint: str, variant: str) -> str:
    """Return what Application Auto Scaling calls a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


def component_resource(endpoint: str) -> str:
    """Return what it calls the inference component of an endpoint, which has the same name."""
    return f"inference-component/{endpoint}"


PRODUCTION, SHADOW = "ProductionVariants", "ShadowProductionVariants"
GROUPS = (PRODUCTION, SHADOW)
"""Members of a configuration that list variants: those that answer, and those that get copies."""
