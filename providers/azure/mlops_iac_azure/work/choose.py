"""`python -m mlops_iac_azure.work choose`: finds the best trial of a search, by what they tell."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_iac.keyed_runs import FINISHED
from mlops_iac_azure import documents, place
from mlops_iac_azure.work.child import StepFailedError
from mlops_iac_azure.work.launch import Launch, perform, read, said, say


def main(arguments: Sequence[str]) -> int:
    """Choose; return the exit code."""
    return perform(read(arguments), chosen)


def chosen(launch: Launch) -> dict[str, Any]:
    """Return the best trial as the search's own result.

    Raises:
        StepFailedError: no trial has ended well.
    """
    sign = 1.0 if launch.document["goal"] == "maximize" else -1.0
    # Of equals the first counts.
    best = max(trials(launch), key=lambda told: sign * told["value"], default=None)
    if best is None:
        raise StepFailedError(
            "no trial has ended well", remedy=f"look at the trials of `{launch.step}`"
        )
    parameters = {**launch.document["hyperparameters"], **best["parameters"]}
    say(f"best: {said(best['parameters'])}, {launch.document['metric']} {best['value']:.6g}")
    kept = {key: best[key] for key in ("left", "metrics", "model", "value") if key in best}
    return {**kept, "parameters": parameters, "trial": best["own"]}


def trials(launch: Launch) -> Iterator[Mapping[str, Any]]:
    """Yield what the trials of a search have told that have ended well, in their order."""
    name = launch.document["trials"]
    folder = place.step_report_key(launch.component, launch.run, f"{name}/")[: -len(".json")]
    told = (launch.read(path) for path in documents.paths(launch.where, launch.bucket, folder))
    ended = (each for each in told if each and each.get("status") == FINISHED)
    known = (each for each in ended if each.get("value") is not None)
    yield from sorted(known, key=lambda each: (each["started"], each["own"]))
