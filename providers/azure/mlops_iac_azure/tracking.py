"""The workspace's own MLflow server, over REST: no package of MLflow is needed to speak to it.

https://learn.microsoft.com/azure/machine-learning/how-to-use-mlflow-cli-runs; MLflow's REST API 2.0
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac_azure import rest
from mlops_iac_azure.errors import ApiError
from mlops_iac_azure.session import Place

SERVICE = "mlflow"
NOTE = "mlflow.note.content"
"""Tag of an experiment that its pages show as its description."""
EXISTS, MISSING = "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"
BATCH = 100
"""Parameters and tags that one call takes, as MLflow's own store has it."""


def address(where: Place) -> str:
    """Return the root of the server's address: what MLflow's clients take as tracking URI."""
    return f"{where.address(SERVICE)}/mlflow/v1.0{where.workspace_id}"


def ask(where: Place, verb: str, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Call one of MLflow's methods, such as `runs/log-batch`; a second call does no harm."""
    path = f"{address(where)}/api/2.0/mlflow/{method}"
    is_read = verb == "GET"
    return rest.call(
        where,
        verb,
        path,
        None if is_read else body,
        query=body if is_read else None,
        service=SERVICE,
        repeatable=True,
        doing=f"MLflow's {method}",
    )


def experiment(where: Place, name: str) -> dict[str, Any] | None:
    """Return an experiment by its name; `None` when there is none."""
    try:
        told = ask(where, "GET", "experiments/get-by-name", {"experiment_name": name})
    except ApiError as error:
        if error.http == 404 or MISSING in f"{error.status} {error.said}":  # noqa: PLR2004
            return None
        raise
    return told.get("experiment")


def make_experiment(where: Place, name: str) -> dict[str, Any]:
    """Return the experiment of a name, made if there is none; a removed one is restored."""
    known = experiment(where, name)
    if known is None:
        try:
            ask(where, "POST", "experiments/create", {"name": name})
        except ApiError as error:
            if EXISTS not in f"{error.status} {error.said}":
                raise
        known = experiment(where, name) or {}
    if known.get("lifecycle_stage") == "deleted":
        ask(where, "POST", "experiments/restore", {"experiment_id": known["experiment_id"]})
    return known


def describe(where: Place, identity: str, tags: Mapping[str, str]) -> None:
    """Set tags of an experiment."""
    for key, value in tags.items():
        told = {"experiment_id": identity, "key": key, "value": value}
        ask(where, "POST", "experiments/set-experiment-tag", told)


def log(
    where: Place,
    run: str,
    metrics: Mapping[str, float],
    parameters: Mapping[str, Any],
    *,
    now: int,
) -> None:
    """Write metrics and parameters into a job's run; `now` is in milliseconds."""
    rows = [{"key": k, "value": v, "timestamp": now, "step": 0} for k, v in metrics.items()]
    params = [{"key": key, "value": str(value)[:6000]} for key, value in parameters.items()]
    for first in range(0, max(len(rows), len(params), 1), BATCH):
        some = slice(first, first + BATCH)
        body = {"run_id": run, "metrics": rows[some], "params": params[some], "tags": []}
        ask(where, "POST", "runs/log-batch", body)


def tags_of(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of an experiment as MLflow tells it."""
    rows: Sequence[Mapping[str, str]] = told.get("tags") or ()
    return {row["key"]: row.get("value", "") for row in rows}
