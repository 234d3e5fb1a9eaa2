"""Two stacks on one platform, through the real engine, in the Azure test cloud.

The platform's stack exports it; the models' stack reads it and makes nothing of the foundation
itself. Limits: the plugin for `azure-native` is a stand-in (`tests/clouds/azure/plugins`).
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from mlops_iac.components.building import build_plan
from mlops_iac.components.configuration import shared_platform
from mlops_iac.planning import plan
from mlops_iac.specs import (
    DataFormat,
    Dataset,
    Platform,
    RegisteredModel,
    RunPolicy,
    Spec,
    TrainingJob,
)
from mlops_iac.stack import Declaration, Stack
from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_stack import PLACE, PLUGINS, everything
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

GROUND = "organization/ground/prod"
_MINE = "Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.fixture
def azure(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        path = f"{PLUGINS}{os.pathsep}{engine.env['PATH']}"
        engine.extra.update({**running.environment, "PATH": path})
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def declared(name: str, platform: Platform, folder: Path, *components: Spec) -> Callable[[], None]:
    """Return the program of a stack; as `Stack.build` does for a target that can be applied."""
    declaration = Declaration(Stack(name, platform=platform, components=components), folder)

    def program() -> None:
        shared = shared_platform(declaration.stack.platform)
        drawn = plan(declaration, stack=pulumi.get_stack(), shared=shared)
        build_plan(drawn.require())

    return program


def ground(engine: Engine, folder: Path, **fields: Any) -> automation.Stack:
    """Return the platform's stack."""
    platform = Platform("base", **{**PLACE, **fields})
    return engine.stack(declared("ground", platform, folder), project="ground", name="prod")


def models(engine: Engine, folder: Path) -> automation.Stack:
    """Return a stack of models that stands on it."""
    components = (
        Dataset("flights", source="data/*.csv", format=DataFormat.CSV),
        RegisteredModel("late"),
        TrainingJob("delay", script="train.py", data="flights", model="late", run=RunPolicy.MANUAL),
    )
    program = declared("models", Platform.from_stack(GROUND), folder, *components)
    return engine.stack(program, project="models")


def test_two_stacks_on_one_platform(engine: Engine, azure: Cloud, tmp_path: Path) -> None:
    """One story, told in order: each step stands on the one before."""
    folder = tmp_path / "declared"  # the engine writes beside it
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("origin,y\nJFK,0\n")
    (folder / "train.py").write_text("print('learned')\n")
    empty = everything(azure)
    base = ground(engine, folder, encryption={"rotation_days": 90})
    base.up()
    alone = everything(azure)

    consumer = models(engine, folder)
    consumer.up()
    made = everything(azure) - alone
    assert sum(one.rpartition("/")[0].endswith(_MINE) for one in made) == 3
    assert not [one for one in made if one.rpartition("/")[0].endswith("/storageAccounts")]
    assert any("/data/" in one and "/versions/" in one for one in made)
    assert {str(op) for op in consumer.preview().change_summary} == {"same"}

    # What the platform's team changes replaces nothing of the models.
    ground(engine, folder, encryption={"rotation_days": 180}).up()
    foreseen = {str(op) for op in models(engine, folder).preview().change_summary}
    assert foreseen <= {"read", "same", "update"}

    before = everything(azure)
    with pytest.raises(automation.CommandError, match=r"is used by `models/dev`"):
        base.destroy()
    assert everything(azure) == before

    consumer.destroy()
    base.destroy()
    assert everything(azure) == empty
