"""The variants of an endpoint: what answers, and a second version beside it."""

MAIN = "main"
"""An update keeps the variant's name: deployment guardrails ask for it.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
"""
CHALLENGER = "challenger"
VARIANTS = (MAIN, CHALLENGER)
"""In the order in which a configuration lists them."""

PRODUCTION, SHADOW = "ProductionVariants", "ShadowProductionVariants"
GROUPS = (PRODUCTION, SHADOW)
"""Members of a configuration that list variants: those that answer, and those that get copies."""
