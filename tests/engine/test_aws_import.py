"""Each custom resource on AWS can be imported by its id; `up` then changes nothing.

Limit: the stand-ins play the official plugins, whose resources Pulumi itself imports.
"""

from collections.abc import Iterator

import pytest

from tests.clouds.aws.hooks import Instant, Run, RunKind
from tests.clouds.aws.running import Cloud, cloud_here
from tests.clouds.aws.work import Processes
from tests.support.aws_stack import AwsStack
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

IMPORTED = {
    "mlops-iac:aws:ImageBuild",
    "mlops-iac:aws:JobRun",
    "mlops-iac:aws:ModelDeployment",
}


class Builders(Instant):
    """Everything succeeds at once; a build pushes its image."""

    def __init__(self) -> None:
        self._builds = Processes()

    def start(self, run: Run) -> None:
        """Leave builds to those who do them."""
        if run.kind is RunKind.BUILD:
            self._builds.start(run)
        else:
            super().start(run)

    def close(self) -> None:
        """End the builds."""
        self._builds.close()


@pytest.fixture
def aws() -> Iterator[Cloud]:
    with cloud_here(work=Builders()) as running:
        yield running


def test_what_is_imported_is_not_changed_by_the_next_up(
    engine: Engine, aws: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = AwsStack.make(engine, aws, platform={"runtime_image": None}, delay={"run": "on_change"})
    stack.up()
    stack.promote(stack.register())
    made = stack.forget(IMPORTED)
    assert stack.preview()["create"] == len(made)

    stack.import_again(made)

    assert {resource["type"] for resource in made} == IMPORTED
    assert set(stack.up()) == {"same"}
