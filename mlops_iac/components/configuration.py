"""What the running engine knows before anything is built: configuration, other stacks."""

import pulumi

# What Pulumi's own `invoke` waits with; a program runs inside the loop that it would block.
from pulumi.runtime.sync_await import _sync_await  # pyright: ignore[reportPrivateUsage]

from mlops_iac.errors import PlanError
from mlops_iac.sharing import SharedPlatform, read_document, unread
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

    It is waited for: what the platform is decides which resources there are.

    Raises:
        PlanError: that stack exports none, or one that this version cannot read.
    """
    if declared.stack is None:
        return None
    reference = pulumi.StackReference(declared.stack)
    outputs = _sync_await(reference.outputs.future())
    if outputs is None:
        raise PlanError([unread(declared.name, declared.stack)])
    secrets = _sync_await(reference.secret_output_names.future())
    return read_document(declared.stack, outputs, secret=bool(secrets))
