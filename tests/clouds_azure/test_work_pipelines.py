"""Proves that the Azure test cloud executes pipeline jobs as Azure ML lays them out."""

import json
from typing import Any

import pytest

from tests.clouds.azure.work.jobs.child import name_of
from tests.clouds_azure.worked import Bench, named, uri

pytestmark = pytest.mark.slow

_MAKE = """
import pathlib, sys
rows, made, word = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
(made / "note.txt").write_text(word + str(len(list(rows.rglob("*.csv")))))
print("made", word)
"""
_TAKE = """
import pathlib, sys
print(pathlib.Path(sys.argv[1], "note.txt").read_text())
"""
_SCORE = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[2])
(folder / "run.json").write_text(json.dumps({"metrics": {"auc": float(sys.argv[1])}}))
"""


def _component(bench: Bench, script: str, command: str, **spec: Any) -> str:
    name = named("component")
    code = bench.code(main=script)
    body = {
        "name": name,
        "version": "1",
        "type": "command",
        "command": command,
        "code": f"azureml:{code}",
        "environment": f"azureml:{bench.workspace}/environments/runtime/versions/1",
        **spec,
    }
    version = f"{bench.workspace}/components/{name}/versions/1"
    return bench.put(version, {"componentSpec": body})["id"]


def _maker(bench: Bench) -> str:
    return _component(
        bench,
        _MAKE,
        "python main.py ${{inputs.rows}} ${{outputs.made}} ${{inputs.word}}",
        inputs={
            "rows": {"type": "uri_folder"},
            "word": {"type": "string", "default": "default"},
        },
        outputs={"made": {"type": "uri_folder"}},
    )


def _taker(bench: Bench, script: str = _TAKE) -> str:
    inputs = {"made": {"type": "uri_folder"}}
    return _component(bench, script, "python main.py ${{inputs.made}}", inputs=inputs)


def _pipeline(bench: Bench, jobs: Any, **properties: Any) -> dict[str, Any]:
    rows = {"jobInputType": "uri_folder", "uri": uri("datasets/flights/1")}
    return {
        "jobType": "Pipeline",
        "experimentName": "flights",
        "identity": {"identityType": "Managed", "resourceId": bench.identity},
        "inputs": {"rows": rows, "word": {"jobInputType": "literal", "value": "given"}},
        "jobs": jobs,
        "settings": {"continue_on_step_failure": False},
        **properties,
    }


def _literal(value: str) -> dict[str, str]:
    return {"job_input_type": "literal", "value": value}


def _jobs(maker: str, taker: str) -> dict[str, Any]:
    # The one that waits stands first: the order is that of what they need.
    return {
        "take": {
            "type": "command",
            "componentId": taker,
            "inputs": {"made": _literal("${{parent.jobs.make.outputs.made}}")},
        },
        "make": {
            "type": "command",
            "componentId": maker,
            "inputs": {
                "rows": _literal("${{parent.inputs.rows}}"),
                "word": _literal("${{parent.inputs.word}}"),
            },
            "outputs": {"made": {"value": "${{parent.outputs.kept}}", "type": "literal"}},
        },
    }


def test_nodes_hand_over_what_they_make(bench: Bench) -> None:
    folder = named("pipelines")
    kept = {"kept": {"jobOutputType": "uri_folder", "uri": uri(folder)}}
    asked = _pipeline(bench, _jobs(_maker(bench), _taker(bench)), outputs=kept)

    name = bench.start(asked)
    told = bench.ended(name)

    assert told["status"] == "Completed", told
    take = name_of(name, "take")
    assert bench.log(take) == ["given1"]
    child = bench.job(take)
    assert (child["status"], child["displayName"], child["jobType"]) == (
        "Completed",
        "take",
        "Command",
    )
    assert bench.read(f"{folder}/note.txt") == b"given1"


def test_a_node_that_fails_ends_what_waits_for_it(bench: Bench) -> None:
    jobs = _jobs(_maker(bench), _taker(bench, "raise ValueError('no flights today')"))
    jobs["later"] = {
        "type": "command",
        "componentId": _maker(bench),
        "inputs": {"rows": _literal("${{parent.inputs.rows}}")},
    }

    name = bench.start(_pipeline(bench, jobs))
    told = bench.ended(name)

    assert told["status"] == "Failed"
    assert bench.job(name_of(name, "take"))["status"] == "Failed"
    assert any("no flights today" in line for line in bench.log(name_of(name, "take")))
    # It stands after the failed one, and the pipeline does not go on.
    assert bench.log(name_of(name, "later")) == []


def test_a_pipeline_of_a_component_has_a_search_in_it(bench: Bench) -> None:
    scorer = _component(
        bench,
        _SCORE,
        "python main.py ${{inputs.c}} ${{outputs.model}}",
        inputs={"c": {"type": "number"}},
        outputs={"model": {"type": "uri_folder"}},
    )
    folder = named("best")
    search = {
        "type": "sweep",
        "trial": f"azureml:{scorer}",
        "search_space": {"c": {"type": "choice", "values": [0.25, 0.75]}},
        "sampling_algorithm": "grid",
        "objective": {"goal": "maximize", "primary_metric": "auc"},
        "limits": {"max_total_trials": 2, "max_concurrent_trials": 1},
        "outputs": {"model": "${{parent.outputs.best}}"},
    }
    pipeline = named("pipeline")
    spec = {
        "name": pipeline,
        "version": "1",
        "type": "pipeline",
        "jobs": {"search": search},
        "outputs": {"best": {"type": "uri_folder"}},
    }
    version = f"{bench.workspace}/components/{pipeline}/versions/1"
    component = bench.put(version, {"componentSpec": spec})["id"]

    name = bench.start(
        {
            "jobType": "Pipeline",
            "componentId": component,
            "identity": {"identityType": "Managed", "resourceId": bench.identity},
            "outputs": {"best": {"jobOutputType": "uri_folder", "uri": uri(folder)}},
        }
    )
    told = bench.ended(name)

    assert told["status"] == "Completed", told
    search_job = name_of(name, "search")
    assert bench.job(search_job)["properties"]["best_child_run_id"] == f"{search_job}_1"
    assert json.loads(bench.read(f"{folder}/run.json")) == {"metrics": {"auc": 0.75}}


def test_a_cancelled_pipeline_tells_its_nodes_to_end(bench: Bench) -> None:
    waiter = "print('here', flush=True)\nimport time; time.sleep(600)"
    name = bench.start(_pipeline(bench, _jobs(_maker(bench), _taker(bench, waiter))))
    bench.until_logged(name_of(name, "take"), "here")

    bench.cloud.ask("POST", f"{bench.workspace}/jobs/{name}/cancel", {})

    assert bench.ended(name)["status"] == "Canceled"
    assert bench.job(name_of(name, "take"))["status"] == "Canceled"


@pytest.mark.parametrize(
    "node",
    [
        {"type": "spark"},
        {"type": "command", "inputs": {"made": _literal("${{parent.jobs.gone.outputs.x}}")}},
        {"type": "command", "strange": 1},
    ],
)
def test_what_it_does_not_know_fails_the_pipeline(bench: Bench, node: Any) -> None:
    asked = _pipeline(bench, {"only": {"componentId": _taker(bench), **node}})

    assert bench.ended(bench.start(asked))["status"] == "Failed"
