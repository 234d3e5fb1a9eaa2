"""What every conformance class is made of: its cases, and how deviations are held to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from mlops_iac.testing.conformance.bench import Bench
from mlops_iac.testing.conformance.scenario import Scenario, ScenarioError, Table, wired
from mlops_iac.testing.conformance.scenarios import TABLES
from mlops_iac.testing.flips import FLIPS, Flip

HONEST = "test_capability_is_honest"


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """A case that a provider is known not to pass. When it does pass, the suite fails."""

    reason: str
    """Why, for those who read the report."""
    url: str = ""
    """Where the cause is written."""
    tests: tuple[str, ...] = (HONEST,)
    """Tests of the suite that the case does not pass."""


class Suite:
    """Base of the classes that an author derives from.

    A class attribute `provider` names the target; everything else has a default.
    """

    provider: ClassVar[str] = ""
    """Name of the target, as its entry point says it."""
    record_at: ClassVar[str | None] = None
    """Where the provider's record is, `module:NAME`; its entry point when left out."""
    deviations: ClassVar[Mapping[str, Deviation]] = {}
    """Cases that this provider is known not to pass, by the number of the scenario or the flip."""
    kind: ClassVar[str] = ""
    """Kind that the class is about; none for what concerns the provider as a whole."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse deviations of what there is not.

        Raises:
            ScenarioError: a deviation names no case, or no test of the class.
        """
        super().__init_subclass__(**options)
        known = {case.id for cases in cls.cases().values() for case in cases}
        wrong = [f"`{id_}` is no case of {cls.__name__}" for id_ in cls.deviations.keys() - known]
        wrong += [
            f"`{test}` is no test of {cls.__name__}"
            for deviation in cls.deviations.values()
            for test in deviation.tests
            if not hasattr(cls, test)
        ]
        if wrong:
            raise ScenarioError("; ".join(sorted(wrong)))

    @classmethod
    def table(cls) -> Table:
        """Return the scenarios of the class's kind."""
        return TABLES[cls.kind]

    @classmethod
    def cases(cls) -> Mapping[str, tuple[Scenario, ...] | tuple[Flip, ...]]:
        """Return the cases of the class, by the argument that a test takes them as."""
        if not cls.kind:
            return {}
        return {
            "scenario": cls.table().scenarios,
            "asking": tuple(s for s in cls.table().scenarios if s.asks is not None),
            "wiring": tuple(s for s in cls.table().scenarios if any(wired(s.fields))),
            "flip": tuple(flip for flip in FLIPS if flip.kind == cls.kind),
        }

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test its cases; those of a deviation must fail."""
        for argument, cases in self.cases().items():
            if argument in metafunc.fixturenames:
                rows = [self._row(metafunc.function.__name__, case) for case in cases]
                metafunc.parametrize(argument, rows)

    def _row(self, test: str, case: Scenario | Flip) -> Any:
        return pytest.param(case, id=case.id, marks=tuple(self._marks(test, case)))

    def _marks(self, test: str, case: Scenario | Flip) -> Iterable[pytest.MarkDecorator]:
        deviation = self.deviations.get(case.id)
        if deviation is None or test not in deviation.tests:
            return ()
        return (pytest.mark.xfail(strict=True, reason=deviation.reason),)

    @pytest.fixture(scope="class")
    def bench(self, tmp_path_factory: pytest.TempPathFactory) -> Bench:
        """The provider, with a project of its own."""
        return Bench.of(self.provider, tmp_path_factory.mktemp("kit"), self.record_at)
