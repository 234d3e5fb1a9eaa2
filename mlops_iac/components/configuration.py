"""What the running engine knows before anything is built: configuration, other stacks."""

import pulumi

from mlops_iac.sharing import SharedPlatform, read_document
from mlops_iac.specs import Platform
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


def shared_platform(declared: Platform) -> SharedPlatform | None:
    """Read the platform that another stack owns; `None` for one of the running stack's own.

    The engine answers, as it does for `pulumi.StackReference`, but at once: what the platform is
    decides which resources there are.

    Raises:
        PlanError: that stack exports none, or one that this version cannot read.
    """
    if declared.stack is None:
        return None
    answer = pulumi.runtime.invoke("pulumi:pulumi:getStack", {"name": declared.stack}).value
    secrets = answer.get("secretOutputNames") or ()
    return read_document(declared.stack, answer.get("outputs") or {}, secret=bool(secrets))
