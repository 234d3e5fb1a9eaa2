"""What `Pulumi.<stack>.yaml` says, read offline: targets, and the values of `${config:X}`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from mlops_iac.target import TargetConfig
from mlops_iac.yaml_text import read

NAMESPACE = "mlops-iac"


def stack_settings(project_dir: Path, stack: str) -> Mapping[str, Any]:
    """Return the configuration of a stack by full key, such as `mlops-iac:target`."""
    file = project_dir / f"Pulumi.{stack}.yaml"
    data, _ = read(file) if file.is_file() else ({}, {})
    config = cast("Mapping[str, Any]", data or {}).get("config") or {}
    return cast("Mapping[str, Any]", config)


def target_config(project_dir: Path, stack: str) -> TargetConfig:
    """Return what the configuration of a stack says about targets."""
    settings = stack_settings(project_dir, stack)
    return TargetConfig(
        target=settings.get(f"{NAMESPACE}:target"),
        by_kind=settings.get(f"{NAMESPACE}:targets"),
        region=settings.get(f"{NAMESPACE}:region"),
        account=settings.get(f"{NAMESPACE}:account"),
    )


def variables(project_dir: Path, stack: str) -> Mapping[str, str]:
    """Return plain configuration by its last name; what is encrypted cannot be read offline."""
    return {
        key.rpartition(":")[2]: str(value)
        for key, value in stack_settings(project_dir, stack).items()
        if not isinstance(value, Mapping | list)
    }
