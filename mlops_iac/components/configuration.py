"""What the Pulumi configuration of a stack says: `mlops-iac:target` and its neighbours."""

import pulumi

from mlops_iac.target import TargetConfig

NAMESPACE = "mlops-iac"


def stack_config() -> TargetConfig:
    """Return the target configuration of the running stack."""
    config = pulumi.Config(NAMESPACE)
    return TargetConfig(
        target=config.get("target"),
        by_kind=config.get_object("targets"),
        region=config.get("region"),
        account=config.get("account"),
    )
