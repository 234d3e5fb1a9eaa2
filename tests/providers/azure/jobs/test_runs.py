"""Declared jobs as pipeline jobs on the test cloud, through `JobRun` and the steps.

Proves starts, adoption, registration, gates and failures over the requests that are really sent.
Limit: programs are played, and a test cloud stands for Azure ML.
"""

from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_azure import documents, registry
from mlops_iac_azure.registry import Model
from mlops_iac_azure.resources.job_run import JobRunHandler, RunFailedError
from mlops_iac_azure.work import results

from mlops_iac.specs import (
    BatchInference,
    Choice,
    DataFormat,
    HyperparameterSearch,
    IntegerRange,
    Pipeline,
    ProcessingJob,
    RunPolicy,
)
from tests.providers.azure.harness import DIGEST
from tests.providers.azure.jobs.world import DATA, JOB, MODEL, Killed, Program, Shop


def _spec(kind: Any, name: str, **fields: Any) -> Any:
    return kind(name, **fields)


CLEAN = _spec(ProcessingJob, "clean", script="train.py", data="departures", outputs={"rows": "csv"})


def _trained(auc: float = 0.9) -> Any:
    def leave(program: Program) -> int:
        program.leave({"metrics": {"auc": auc}, "makes_model": True})
        return 0

    return leave


def _processed(program: Program) -> int:
    program.leave({})
    return 0


def _versions(shop: Shop) -> list[registry.Version]:
    name = shop.inputs("delay")["model"]
    return registry.versions(shop.place, Model(name=name, component="late", bucket=shop.bucket))


def test_a_training_is_run_and_its_model_registered_with_digest_and_metrics(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()

    _, state = shop.run("delay")

    assert (state["status"], state["model_version"]) == ("finished", "1")
    assert state["metrics"] == {"auc": 0.9}
    (version,) = _versions(shop)
    assert (version.digest, version.metrics) == (DIGEST, {"auc": 0.9})
    assert version.artifact.endswith(f"/runs/delay/{state['run_id']}/delay/model/kept")
    kept = documents.paths(shop.place, shop.bucket, f"runs/delay/{state['run_id']}/delay/model")
    assert [path.rpartition("/")[2] for path in kept] == ["MLmodel"]
