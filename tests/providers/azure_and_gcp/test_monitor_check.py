"""What a check of logged traffic looks at, on the test clouds.

Its verdict is proved beside each cloud's log: `tests/providers/{azure,gcp}/loop`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mlops_iac.errors import NothingToDoError
from mlops_iac.runtime import tree_digest
from tests.providers.azure_and_gcp.loop import Asked, Loop
from tests.providers.azure_and_gcp.monitored import model

__all__ = ["model"]


def test_a_check_takes_the_served_versions_traffic_since_the_last_verdict(
    loop: Loop, model: Path, tmp_path: Path
) -> None:
    to, now = loop.serve(model), datetime.now(UTC)
    row = {"a": 1.0, "b": 0.0, "request_id": "mine"}
    loop.log(
        *(
            Asked(to, now - timedelta(hours=hours), rows=[row], answers=[0], request=str(i))
            for i, hours in enumerate((1, 3, 30))
        ),
        Asked("77", now - timedelta(hours=1), rows=[row], answers=[0], request="9"),
    )

    assert [each["request"] for each in loop.prepared(tmp_path / "1").new] == ["0", "1"]

    loop.report(now - timedelta(hours=2), alarm=False)
    loop.report(now - timedelta(minutes=5), alarm=None)
    found = loop.prepared(tmp_path / "2")
    assert [each["request"] for each in found.new] == ["0"]
    assert (found.model["version"], found.model["digest"]) == ("1", tree_digest(model))
    assert found.older == []


def test_nothing_is_checked_before_something_is_served_and_asked(
    loop: Loop, model: Path, tmp_path: Path
) -> None:
    with pytest.raises(NothingToDoError, match="serves no registered version"):
        loop.prepared(tmp_path)
    loop.serve(model)
    with pytest.raises(NothingToDoError, match="no traffic was logged"):
        loop.prepared(tmp_path)
