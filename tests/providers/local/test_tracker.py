"""An experiment that jobs share, and its server: who gets in, and what is left.

Proves with MLflow's own client and real processes; the engine is not in it (`world.py`).
"""

import base64
import http.client
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_local import experiment_tracker, trackers

from mlops_iac.specs import ExperimentTracker, Spec, TrainingJob
from tests.providers.local.world import World, declaration, listens, processes_of, project

TAGS = (
    "SELECT key, value FROM experiment_tags JOIN experiments USING (experiment_id) "
    "WHERE experiments.name = ?"
)
RUNS = "SELECT count(*) FROM runs JOIN experiments USING (experiment_id) WHERE experiments.name = ?"
SCRIPT = """
from mlops_iac.runtime import training_context
training_context().log_metrics({"accuracy": 0.5})
"""


def declared(**fields: Any) -> dict[str, Spec]:
    tracker = {"name": "lab", "description": "Which model is best?", **fields}
    job = {"name": "fit", "script": "code/train.py", "data": "people", "experiment": "lab"}
    return {
        "people": declaration()["people"],
        "lab": ExperimentTracker.model_validate(tracker),
        "fit": TrainingJob.model_validate(job),
    }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(project(tmp_path_factory.mktemp("tracker"), SCRIPT), declared())
    with pytest.MonkeyPatch.context() as patch, made.registering(patch):
        patch.setattr(experiment_tracker, "register", _registering(made))
        made.up()
        yield made
        if made.applied:
            made.destroy()
        assert not made.layout.root.exists()


def _registering(world: World) -> Any:
    def register(token: str, name: str, inputs: Any, *, outputs: Any, opts: Any) -> Any:
        del opts
        made = world.apply(token, name, inputs)
        for output in outputs:
            made.__dict__.setdefault(output, None)
        return made

    return register


def rows(world: World, query: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(world.layout.database)) as database:
        return database.execute(query, values).fetchall()


def asked(url: str, path: str, authorization: str | None, host: str | None = None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    address = url.removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
        connection.request("GET", path, headers={**headers, "Host": host or address})
        return connection.getresponse().status


def test_the_runs_of_a_job_lie_in_the_experiment_that_is_described(world: World) -> None:
    experiment = world.applied["lab"].inputs["experiment"]

    assert rows(world, RUNS, experiment) == [(1,)]
    assert dict(rows(world, TAGS, experiment))["mlflow.note.content"] == "Which model is best?"
    assert not listens_anywhere(world)


def test_another_description_changes_the_experiment_in_place(world: World) -> None:
    before = dict(world.specs)
    world.specs.update(declared(description="Better?"))

    assert world.up() == ["update lab"]
    experiment = world.applied["lab"].inputs["experiment"]
    assert dict(rows(world, TAGS, experiment))["mlflow.note.content"] == "Better?"
    world.specs.update(before)
    world.up()


@pytest.mark.slow
def test_a_server_lets_in_who_has_the_token_and_ends_with_its_declaration(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.specs.update(declared(server={"size": "small"}))
    assert world.up() == ["update lab"]
    state = world.applied["lab"].state
    file, url = Path(state["tokenFile"]), state["url"]
    token = file.read_text()
    basic = base64.b64encode(f"me:{token}".encode()).decode()
    experiment = world.applied["lab"].inputs["experiment"]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token not in str(state)
    wrong = [None, "Bearer", "Bearer wrong", "Basic !", f"Basic {token}", token]
    assert [asked(url, "/", given) for given in wrong] == [401] * 6
    assert asked(url, "/", f"Bearer {token}", host="evil.example") == 421
    assert asked(url, "/", f"Basic {basic}") == 200
    assert experiment in names_of(url, token, monkeypatch)
    assert world.up() == []
    [status] = [one for one in world.operations.status() if one.component == "lab"]
    assert (status.state, status.details["tracking_uri"]) == ("ready", url)
    assert token not in "".join(world.operations.logs("lab"))

    file.write_text("guess")
    assert world.refresh() == ["drifted lab"]
    assert world.up() == ["update lab"]
    fresh = file.read_text()
    given = [f"Bearer {old}" for old in (token, "guess", fresh)]
    assert [asked(url, "/", authorization) for authorization in given] == [401, 401, 200]

    world.specs.update(declared())
    assert world.up() == ["update lab"]
    assert not file.exists()
    assert not listens_anywhere(world)
    assert processes_of(world.layout.tracker("lab")) == []


def names_of(url: str, token: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    return [found.name for found in MlflowClient(tracking_uri=url).search_experiments()]


def listens_anywhere(world: World) -> bool:
    known = trackers.server(world.layout, "lab")
    return known is not None and listens(known.port)
