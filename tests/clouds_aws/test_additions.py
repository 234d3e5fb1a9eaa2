"""The table of additions: each row does what it says, moto alone does not, and README says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from tests.clouds.aws import README, additions
from tests.clouds.aws.additions import ADDITIONS, handlers
from tests.clouds.aws.calls import service_model
from tests.clouds.aws.running import Cloud
from tests.clouds_aws.scenarios import SCENARIOS

SUBJECTS = [addition.subject for addition in ADDITIONS]


@pytest.fixture(scope="module")
def moto() -> Iterator[Cloud]:
    """Moto alone."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield Cloud("http://{}:{}".format(*server.get_host_and_port()))
    server.stop()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_cloud_does_what_a_row_says(subject: str, cloud: Cloud) -> None:
    SCENARIOS[subject](cloud)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_moto_alone_does_not_so_the_row_is_needed(subject: str, moto: Cloud, cloud: Cloud) -> None:
    del cloud  # it has emptied moto, whose state is one for the process
    with pytest.raises((ClientError, AssertionError, KeyError)):
        SCENARIOS[subject](moto)


def test_every_row_has_a_scenario_and_no_operation_stands_twice() -> None:
    assert set(SCENARIOS) == set(SUBJECTS)
    named = [name for row in ADDITIONS for name in row.operations()]
    assert len(named) == len(handlers())


@pytest.mark.parametrize("addition", ADDITIONS, ids=SUBJECTS)
def test_a_rows_operations_are_the_services_own(addition: additions.Addition) -> None:
    assert set(addition.operations()) <= set(service_model(addition.service).operation_names)


def test_the_readme_has_the_table_as_it_is() -> None:
    text = Path(README).read_text(encoding="utf-8")
    rows = [
        f"| {row.subject} | {', '.join(f'`{name}`' for name in row.operations())} | {row.why} |"
        for row in ADDITIONS
    ]
    missing: list[Any] = [row for row in rows if row not in text]
    assert not missing, "\n".join(missing)
