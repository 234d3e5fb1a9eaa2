"""One stack's whole life with real parts: a real training, a real supervised server.

Proves that what the adapters register, applied by the handlers, trains, registers, serves, follows
the loop without seeing it as drift, heals, and goes without a trace. The engine and the plugin's
host are not in it (`world.py`). The tests of this file run in order, on one stack.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from mlops_iac_local import endpoints, serving, store, supervisor
from mlops_iac_local.errors import DeploymentError

from mlops_iac.errors import OperationError
from mlops_iac.page import render
from mlops_iac.specs import RegisteredModel, TrainingJob
from tests.providers.local.world import (
    World,
    declaration,
    listens,
    processes_of,
    project,
    until,
)

ROW = [{"age": 60, "income": 1500.0}]
SECRET = "canary-7f3a9c-secret-value"


@pytest.fixture(scope="module")
def patch() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> Any:
    folder = project(tmp_path_factory.mktemp("a project with blanks, 100% ok"))
    settings = folder / "settings"
    secrets = settings / "mlops-iac" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "db-password").write_text(SECRET + "\n")
    (secrets / "db-password").chmod(0o600)
    patch.setenv("XDG_CONFIG_HOME", str(settings))
    patch.setenv("AWS_SECRET_ACCESS_KEY", "must-not-reach-a-child")
    specs = declaration(environment={"DB": {"secret": "db-password"}}, capture={"percent": 100})
    leak = (
        "import os; print('password', os.environ['DB'], os.environ.get('AWS_SECRET_ACCESS_KEY'))\n"
    )
    (folder / "code" / "train.py").write_text(leak + (folder / "code" / "train.py").read_text())
    specs["fit"] = TrainingJob(
        "fit", script="code/train.py", data="people", model="buyer", metrics=("accuracy",),
        hyperparameters={"C": 1.0}, environment={"DB": {"secret": "db-password"}},
    )  # fmt: skip
    world = World(folder, specs)
    with world.registering(patch):
        yield world
        if world.applied:
            world.destroy()


def status(world: World) -> Any:
    return serving.served_now(world.layout, endpoints.frame(world.layout, "shop"))


def test_up_trains_registers_and_serves(world: World) -> None:
    world.up()

    answer = world.operations.predict("shop", ROW)
    assert answer["predictions"] == [1]
    (version,) = world.operations.versions("buyer")
    assert (version.version, version.status, version.aliases) == (1, "approved", ("champion",))
    assert version.metrics["accuracy"] > 0.5
    states = {row.component: row.state for row in world.operations.status()}
    assert states == {"platform": "ready", "people": "stored", "fit": "finished",
                      "buyer": "approved", "shop": "serving"}  # fmt: skip


def test_csv_is_answered_and_wrong_rows_are_refused_by_name(world: World) -> None:
    assert world.operations.predict("shop", "age,income\n60,1500.0\n")["predictions"] == [1]
    with pytest.raises(OperationError, match="answers 400"):
        world.operations.predict("shop", [{"age": "old"}])


def test_the_page_tells_what_was_done_and_no_secret(world: World) -> None:
    records = world.operations.records()

    (endpoint,) = records.endpoints
    assert (endpoint.state, endpoint.version) == ("serving", 1)
    assert endpoint.answers == {"200": 2, "400": 1}
    assert [(item.version, item.answers) for item in endpoint.latency] == [("1", 3)]
    assert endpoint.memory_mb is not None
    assert endpoint.memory_mb > 50
    page = render(records, folder=world.layout.root)
    assert "shop serves buyer version 1" in page
    assert "fit trained version 1" in page
    token = endpoints.token_file(world.layout, "shop").read_text()
    for secret in (token, SECRET):
        assert secret not in page + json.dumps(records.document())


def test_second_up_and_refresh_change_nothing(world: World) -> None:
    assert world.up() == []
    assert world.refresh() == []


def test_log_of_the_run_is_masked_and_has_no_key_of_the_user(world: World) -> None:
    log = "\n".join(world.operations.logs("fit"))

    assert "password ********** None" in log
    assert "fitted 200 rows" in log


def test_no_secret_lies_anywhere(world: World) -> None:
    state = json.dumps([[item.inputs, item.state] for item in world.applied.values()])
    token = endpoints.token_file(world.layout, "shop").read_text()
    assert SECRET not in state
    assert token not in state
    for path in world.layout.root.rglob("*"):
        if path.is_file() and path.name != endpoints.TOKEN:
            assert SECRET.encode() not in path.read_bytes(), path
            assert token.encode() not in path.read_bytes(), path
    for pid in processes_of(world.layout.root):
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert SECRET.encode() not in arguments
        assert token.encode() not in arguments


def test_everything_is_private(world: World) -> None:
    open_ones = [
        path
        for path in [world.layout.root, *world.layout.root.rglob("*")]
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]

    assert open_ones == []


def test_new_parameters_are_a_new_run_that_does_not_move_the_alias(world: World) -> None:
    old = world.specs["fit"]
    world.specs["fit"] = old.model_copy(update={"hyperparameters": {"C": 0.5}})

    changes = world.up()

    assert changes == ["update fit", "replace fit-run"]
    assert [item.version for item in world.operations.versions("buyer")] == [2, 1]
    assert status(world)["version"] == "1"
    assert len(world.operations.runs("fit")) == 2


def test_promote_out_of_band_is_no_change(world: World) -> None:
    world.operations.promote("shop", 2)

    assert status(world)["version"] == "2"
    assert world.up() == []
    assert world.refresh() == []
    assert world.up() == []
    assert world.operations.versions("buyer")[0].aliases == ("champion",)


def test_rollback_goes_to_the_version_before(world: World) -> None:
    state = world.operations.rollback("shop")

    assert state.details["version"] == 1
    assert status(world)["version"] == "1"


def test_a_bad_version_fails_and_the_old_one_goes_on_serving(world: World) -> None:
    version = world.operations.versions("buyer")[0]
    model = store.stored(world.layout, "models", str(version.digest)) / "MLmodel"
    good = model.read_bytes()
    model.chmod(0o600)
    model.write_bytes(good + b"\n# changed by somebody\n")

    with pytest.raises(DeploymentError, match="version `2` of `buyer` cannot be served"):
        world.operations.promote("shop", 2)
    model.write_bytes(good)

    assert status(world)["version"] == "1"
    assert world.operations.versions("buyer")[1].aliases == ("champion",)
    assert world.operations.predict("shop", ROW)["predictions"] == [1]
    assert world.up() == []


def test_rejected_versions_are_never_deployed(world: World) -> None:
    world.operations.reject("buyer", 2, approver="ada", comment="biased")

    with pytest.raises(OperationError, match="version `2` of `buyer` is rejected"):
        world.operations.promote("shop", 2)
    with pytest.raises(OperationError, match="rejected for good"):
        world.operations.approve("buyer", 2, approver="ada", comment="")
    assert world.operations.versions("buyer")[0].approver == "ada"


def test_a_killed_server_is_restarted(world: World) -> None:
    frame = endpoints.frame(world.layout, "shop")
    launcher = supervisor.process_of(world.layout, frame.program)
    assert launcher is not None

    os.kill(launcher, signal.SIGKILL)

    def is_another() -> bool:
        assert world.refresh() == []  # what is about to be restarted has not drifted
        return supervisor.process_of(world.layout, frame.program) not in {None, launcher}

    until(is_another)
    answered = until(lambda: listens(frame.port) and (status(world) or {}).get("version"))
    assert answered == "1"


def test_a_changed_token_is_healed_by_refresh_and_up(world: World) -> None:
    endpoints.token_file(world.layout, "shop").write_text("guessed")

    assert world.refresh() == ["drifted shop"]
    assert world.up() == ["update shop", "update shop-deployment"]
    assert world.operations.predict("shop", ROW)["predictions"] == [1]
    assert world.up() == []


def test_a_dead_supervisor_is_healed_by_up(world: World) -> None:
    pid = int((world.layout.supervisor / "supervisord.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    port = endpoints.frame(world.layout, "shop").port
    until(lambda: not supervisor.is_alive(world.layout) and not listens(port))

    with pytest.raises(OperationError, match="does not answer"):
        world.operations.predict("shop", ROW)
    assert world.up() == ["update shop-deployment"]
    assert world.operations.predict("shop", ROW)["predictions"] == [1]


def test_a_pinned_endpoint_is_brought_to_its_version(world: World) -> None:
    world.specs["shop"] = world.specs["shop"].model_copy(
        update={"model": type(world.specs["shop"].model).model_validate("buyer/2")}
    )
    with pytest.raises(OperationError, match="is rejected"):
        world.up()
    world.specs["shop"] = world.specs["shop"].model_copy(
        update={"model": type(world.specs["shop"].model).model_validate("buyer/1")}
    )
    world.up()

    assert status(world)["version"] == "1"
    with pytest.raises(OperationError, match="is pinned"):
        world.operations.promote("shop", 1)


def test_a_deployment_that_was_not_recorded_is_adopted(world: World) -> None:
    before = serving.history(world.layout, "shop")
    known = processes_of(world.layout.endpoints)
    world.applied.pop("shop-deployment")

    assert world.up() == ["create shop-deployment"]
    assert (serving.history(world.layout, "shop"), processes_of(world.layout.endpoints)) == (
        before,
        known,
    )


def test_a_detached_run_registers_its_model_by_itself(world: World) -> None:
    run = world.operations.wait(world.operations.run("fit", again=True))

    assert (run.status, run.model_version) == ("finished", 3)
    assert world.operations.versions("buyer")[0].run_id == run.id
    assert status(world)["version"] == "1"


def test_captured_requests_lie_beside_the_endpoint(world: World) -> None:
    endpoint = world.layout.endpoint("shop")
    files = list((endpoint / "capture").rglob("*.parquet"))

    assert sum(pq.read_metadata(path).num_rows for path in files) >= 1


def test_policy_of_a_model_changes_in_place(world: World) -> None:
    world.specs["buyer"] = RegisteredModel("buyer", approval="manual", description="who buys")

    assert "update buyer" in world.up()
    assert world.refresh() == []


def test_destroy_leaves_nothing(world: World) -> None:
    port = endpoints.frame(world.layout, "shop").port
    root, short = world.layout.root, world.layout.short

    world.destroy()

    assert not root.exists()
    assert not short.exists()
    assert processes_of(root) == []
    assert not listens(port)
    assert list((world.project_dir / ".mlops-iac").iterdir()) == []
