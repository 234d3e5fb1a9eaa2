"""The gates of a pipeline, as a run of their own, and the version that a candidate becomes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.names import content_hash
from mlops_iac.operations import ModelVersion, Run
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac_local import registry, serving, store
from mlops_iac_local.errors import RunFailedError
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs import finishing
from mlops_iac_local.jobs.definition import KEY_LENGTH, Definition, definition
from mlops_iac_local.jobs.runs import FINISHED, OUTPUT, RESULT, run_folder
from mlops_iac_local.pipelines.stage import Stage

KIND = "Evaluation"


def judge(stage: Stage, candidate: Run) -> list[Mapping[str, Any]]:
    """Return each gate's verdict on the model that a run left.

    Raises:
        RunFailedError: the evaluation failed, which says nothing of the candidate.
    """
    made = _evaluation(stage, candidate)
    run, _ = stage.control.perform(made, stage.request(made, {}))
    if run.status != FINISHED:
        raise RunFailedError(f"the candidate could not be judged: {run.reason}")
    report = read_json(run_folder(stage.layout, run) / OUTPUT / REPORT) or {}
    return list(report["gates"])


def register(stage: Stage, candidate: Run, verdicts: list[Mapping[str, Any]]) -> ModelVersion:
    """Make the candidate a version with its verdicts, once; serve it where none is served yet."""
    model = str(stage.task["model"])
    version = finishing.register(stage.layout, candidate, model)
    registry.note_gates(stage.layout, model, version.version, verdicts)
    serving.deploy_first(stage.layout, model)
    return version


def _evaluation(stage: Stage, candidate: Run) -> Definition:
    task = stage.task
    trainer = definition(stage.layout, task["trainer"])
    names = {gate["input"]: gate["source"] for gate in task["gates"]}
    told = {
        "candidate": _model(stage, _digest_of(stage, candidate)),
        "champion": _model(stage, task["champion"]["digest"]) if task["champion"] else None,
        "trust_pickle": registry.policy(stage.layout, task["model"]).trust_pickle,
        "gates": [
            {name: value for name, value in gate.items() if name != "source"}
            for gate in task["gates"]
        ],
    }
    made = Definition(
        component=f"{stage.control.record['component']}/gates",
        kind=KIND,
        key="",
        module="mlops_iac.runtime.evaluate",
        task=told,
        inputs={name: task["data"][source] for name, source in names.items() if "/" not in source},
        sources={name: source for name, source in names.items() if "/" in source},
        features={**trainer.features, **stage.features_of(trainer)},
        limits=trainer.limits,
        timeout=trainer.timeout,
        # The models load with the packages that they were trained with.
        python=trainer.python,
    )
    return _keyed(made, stage.inputs_of(made, names))


def _keyed(made: Definition, given: Mapping[str, str]) -> Definition:
    """Return the definition on the data of this run, under the key of all that it judges."""
    inputs = {**made.inputs, **given}
    sources = {name: source for name, source in made.sources.items() if name not in given}
    task = made.task or {}
    facts = {
        "models": [task[name] and task[name]["digest"] for name in ("candidate", "champion")],
        "gates": task["gates"],
        "inputs": inputs,
        "sources": sources,
        "features": made.features,
    }
    return replace(made, inputs=inputs, sources=sources, key=content_hash(facts, KEY_LENGTH))


def _model(stage: Stage, digest: str) -> dict[str, str]:
    return {"path": str(store.stored(stage.layout, "models", digest)), "digest": digest}


def _digest_of(stage: Stage, candidate: Run) -> str:
    result = read_json(run_folder(stage.layout, candidate) / RESULT) or {}
    if not result.get("model"):
        raise MlopsError(
            f"run `{candidate.id}` of `{candidate.component}` left no model",
            remedy="call `context.log_model` in the script",
        )
    return str(result["model"]["digest"])
