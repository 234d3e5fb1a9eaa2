"""K5, engine: what a scenario declares can be made, is then left alone, and can be removed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlops_iac.stack import Declaration
from mlops_iac.testing.conformance.bench import Bench
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios import TABLES
from mlops_iac.testing.conformance.suite import Suite


class EngineConformance(Suite):
    """K5: needs the Pulumi CLI, and what the provider's resources run on.

    Each scenario that the table does not refuse has a life of its own: `up`, a second preview
    that finds nothing to do, `destroy` after which nothing is left.
    """

    smoke: ClassVar[frozenset[str]] = frozenset({"DS-01"})
    """Scenarios that run each time; the others carry the marks of `rest`."""
    marks: ClassVar[tuple[pytest.MarkDecorator, ...]] = ()
    """Marks of every scenario."""
    rest: ClassVar[tuple[pytest.MarkDecorator, ...]] = ()
    """Further marks of those that are not in `smoke`."""
    left_out: ClassVar[frozenset[str]] = frozenset()
    """Scenarios that cannot run where the tests run: those that wait for a person, for instance."""

    @classmethod
    def cases(cls) -> dict[str, Any]:
        """Return every scenario of every kind."""
        chosen = [s for table in TABLES.values() for s in table.scenarios]
        return {"life": tuple(s for s in chosen if s.id not in cls.left_out)}

    def _marks(self, test: str, case: Any) -> Iterable[pytest.MarkDecorator]:
        further = () if case.id in self.smoke else self.rest
        return (*super()._marks(test, case), *self.marks, *further)

    @pytest.fixture
    def bench(self, tmp_path: Path) -> Bench:
        """The provider, with a project of this life alone."""
        return Bench.of(self.provider, tmp_path, self.record_at)

    @pytest.fixture(autouse=True)
    def own_state(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keep the state, and what a machine keeps for a user, in the test's own folder."""
        for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        monkeypatch.chdir(tmp_path)

    def test_made_left_alone_and_removed(self, bench: Bench, life: Scenario) -> None:
        """One life. Limit: what the engine and the provider say, not what a user sees.

        What the table refuses must be refused while planning.
        """
        from mlops_iac.engine.automation import Engine

        table = _table(life)
        stack = bench.stack(table, life)
        if table.kind not in bench.provider.adapters or bench.is_refused(table, life):
            assert bench.plan(stack).errors
            return
        declaration = Declaration(stack, bench.folder)
        engine = Engine(
            project="kit", stack="dev", project_dir=bench.folder, program=declaration.build
        )

        try:
            made = engine.up()
            again = engine.preview()
        finally:
            gone = engine.destroy()

        assert made.changed > 0
        assert again.changed == 0
        assert gone.changed == made.changed
        assert engine.export()["deployment"].get("resources", []) == []


def _table(scenario: Scenario) -> Table:
    return next(table for table in TABLES.values() if scenario in table.scenarios)
