"""Everything that `gcp` registers, and every request it stands for, is what Google's APIs take.

Proves names, nesting, types, enums, formats and required members of each input and each request
against the discovery documents. Limit: rules across fields, permissions and quotas are judged by
Google Cloud alone.
"""

from pathlib import Path

import pytest

from tests.contract.scenario import check_document
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import SCENARIOS, write_files


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_input_and_request_is_what_the_apis_take(scenario: str, tmp_path: Path) -> None:
    declared = SCENARIOS[scenario]

    recording = recorded(write_files(tmp_path), *declared.components, **declared.platform)

    resources = [resource.document() for resource in recording.resources]
    assert [str(finding) for finding in check_document("gcp", resources)] == []
