"""The keys of runs: hashes of all that decides their outcome."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.provider import Scope, content_hash
from mlops_iac.run_key import feature_facts, processing_facts, run_facts
from mlops_iac.specs import FeatureGroup, ProcessingJob, TrainingJob

KEY_LENGTH = 64
"""Hex digits of a run's key. Labels take 63 of them, tokens of idempotent calls 32 to 128."""


def run_key(decides: Mapping[str, Any], scope: Scope) -> str:
    """Return the key of a run, unique in the account."""
    own = {"stack": [scope.project, scope.stack], "runtime_image": scope.platform.runtime_image}
    return content_hash({**decides, **own}, KEY_LENGTH)


def training_key(spec: TrainingJob, scope: Scope) -> str:
    """Return the key of a run of a training job."""
    return run_key(run_facts(spec, scope.project_dir, scope.specs), scope)


def processing_key(spec: ProcessingJob, scope: Scope) -> str:
    """Return the key of a run of a processing job: also part of where its outputs lie."""
    return run_key(processing_facts(spec, scope.project_dir, scope.specs), scope)


def fill_key(spec: FeatureGroup, scope: Scope) -> str:
    """Return the key of a filling: the version of the group that `up` makes."""
    decides = {
        **feature_facts(spec, scope.project_dir, scope.specs),
        "group": spec.name,
        "format": data_format(spec.data, scope.specs),
        "offline": spec.offline,
        "online": spec.online,
    }
    return run_key(decides, scope)
