"""The kit catches what it promises to: each broken provider fails exactly the intended test.

Limit: suites of three kinds and of the provider; the suites of the others are made of the same
tests.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.specs import KINDS
from mlops_iac.testing import conformance as kit
from mlops_iac.testing.conformance.bench import WIRED
from mlops_iac.testing.conformance.scenario import wired
from mlops_iac.testing.flips import uncovered
from tests.kit.broken_providers import BROKEN, NEEDS_NO_SDK, Broken
from tests.kit.running import failures
from tests.kit.target import PROVIDER


class FewFlips:
    """Flips of the fields that some broken provider drops, and of one that none does."""

    @classmethod
    def cases(cls) -> Mapping[str, Any]:
        every = super().cases()
        return {**every, "flip": tuple(f for f in every["flip"] if f.field in {"scaling", "tags"})}


class AcmeProvider(kit.ProviderConformance):
    provider = "acme"
    distribution = "mlops-iac"


class AcmePlatform(FewFlips, kit.PlatformConformance):
    provider = "acme"
    examples = 3


class AcmeModel(FewFlips, kit.RegisteredModelConformance):
    provider = "acme"
    examples = 3


class AcmeEndpoint(FewFlips, kit.ModelEndpointConformance):
    provider = "acme"
    examples = 3


ROOT = Path(__file__).parents[2]
SUITES = (AcmeProvider, AcmePlatform, AcmeModel, AcmeEndpoint)


def failed(folder: Path, broken: Broken) -> set[str]:
    # The one test that starts a process is run only where something is wrong with its subject.
    but = "" if broken.caught_by in {"", NEEDS_NO_SDK} else NEEDS_NO_SDK
    found: set[str] = set()
    for index, suite in enumerate(SUITES):
        place = folder / str(index)
        place.mkdir()
        found |= failures(suite, place, broken, but)
    return found


def test_a_provider_that_does_everything_right_passes(tmp_path: Path) -> None:
    assert failed(tmp_path, Broken(PROVIDER)) == set()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_provider_fails_exactly_the_intended_test(tmp_path: Path, name: str) -> None:
    broken = BROKEN[name]

    assert failed(tmp_path, broken) == {broken.caught_by}


def test_every_kind_has_a_suite_and_three_scenarios() -> None:
    assert list(kit.TABLES) == list(KINDS)
    assert [k for k, table in kit.TABLES.items() if len(table.scenarios) < 3] == []
    assert [kind for kind in KINDS if kit.conformance_of(kind).kind != kind] == []


def test_every_capability_of_a_kind_has_a_scenario_of_its_own() -> None:
    for kind, table in kit.TABLES.items():
        asked = [s.asks for s in table.scenarios if s.asks is not None]

        assert sorted(asked) == sorted({ask.capability for ask in KINDS[kind].asks}), kind


def test_scenarios_are_numbered_once() -> None:
    numbers = [s.id for table in kit.TABLES.values() for s in table.scenarios]

    assert len(numbers) == len(set(numbers)) == len(kit.SCENARIOS)


def test_every_scenario_has_a_heading_and_every_heading_a_scenario() -> None:
    text = (ROOT / "docs" / "reference" / "conformance.md").read_text(encoding="utf-8")

    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == list(kit.SCENARIOS)


def test_every_field_of_every_kind_is_flipped() -> None:
    assert uncovered() == []


def test_what_is_wired_is_named_once() -> None:
    named = {own.name for s in kit.SCENARIOS.values() for own in wired(s.fields)}

    assert named == WIRED


def test_a_deviation_of_nothing_is_refused() -> None:
    deviations = {"EP-99": kit.Deviation(reason="x")}

    with pytest.raises(kit.ScenarioError, match="`EP-99` is no case"):
        type("Wrong", (kit.ModelEndpointConformance,), {"deviations": deviations})


def test_a_deviation_of_no_test_is_refused() -> None:
    deviations = {"EP-01": kit.Deviation(reason="x", tests=("test_nothing",))}

    with pytest.raises(kit.ScenarioError, match="`test_nothing` is no test"):
        type("Wrong", (kit.ModelEndpointConformance,), {"deviations": deviations})


def test_a_case_of_a_deviation_must_fail() -> None:
    deviations = {"EP-01": kit.Deviation(reason="not yet")}
    suite = type("Known", (kit.ModelEndpointConformance,), {"deviations": deviations})
    scenario = kit.SCENARIOS["EP-01"]

    honest, other = (suite()._row(t, scenario) for t in ("test_capability_is_honest", "test_x"))

    assert [(m.name, m.kwargs["strict"], m.kwargs["reason"]) for m in honest.marks] == [
        ("xfail", True, "not yet")
    ]
    assert (honest.id, other.marks) == ("EP-01", ())


def test_public_names_exist_and_are_named_once() -> None:
    assert len(kit.__all__) == len(set(kit.__all__))
    assert all(getattr(kit, name) is not None for name in kit.__all__)
