"""K1, planning: what is refused is refused wholly, and what is usable plans."""

from typing import Any, ClassVar

import pulumi
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlops_iac.components import build
from mlops_iac.recording import record
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing import strategies
from mlops_iac.testing.cast import company
from mlops_iac.testing.conformance.bench import Bench
from mlops_iac.testing.conformance.scenario import SUBJECT, Scenario
from mlops_iac.testing.conformance.suite import Suite
from mlops_iac.testing.flips import platform

_UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


class Planning(Suite):
    """K1: needs neither SDK nor engine."""

    examples: ClassVar[int] = 25
    """Declarations that Hypothesis draws."""

    def test_planning_follows_the_table(self, bench: Bench, scenario: Scenario) -> None:
        """What the table refuses is a problem at its place; when it refuses nothing it plans."""
        stack = bench.stack(self.table(), scenario)
        refused = bench.refusals([stack.platform, *stack.components])

        errors = bench.plan(stack).errors

        assert {(p.component, p.field) for p in errors} >= refused
        assert refused or [str(p) for p in errors] == []

    def test_a_refusal_says_what_to_do(self, bench: Bench, scenario: Scenario) -> None:
        """In the words of the table: level, and remedy."""
        errors = bench.plan(bench.stack(self.table(), scenario)).errors

        said = [(p.message, p.remedy) for p in errors]
        assert [message for message, remedy in said if not (message and remedy)] == []

    def test_all_refusals_come_at_once_and_nothing_is_registered(self, bench: Bench) -> None:
        """One stack that asks for all that is refused: every place is named, nothing made."""
        stack = self._refused_stack(bench)
        wanted = bench.refusals([stack.platform, *stack.components])

        errors = bench.plan(stack).errors

        assert {(p.component, p.field) for p in errors} >= wanted
        if not wanted:
            assert [str(p) for p in errors] == []
            return
        message, registered = _built(bench, stack)
        assert [p for p in errors if p.message not in message] == []
        assert registered == 0

    def _refused_stack(self, bench: Bench) -> Stack:
        table = self.table()
        refused = [s for s in table.scenarios if bench.is_refused(table, s)]
        subjects = {f"{SUBJECT}-{s.id.lower()}": s.fields for s in refused}
        return table.stack(subjects, bench.place, bench.examples, {})

    def test_planning_is_total_and_pure(self, bench: Bench) -> None:
        """For any declaration: no exception, the same twice, each problem in its place."""
        before = _tree(bench)

        @settings(
            max_examples=self.examples,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=_UNHURRIED,
        )
        @given(data=st.data())
        def holds(data: st.DataObject) -> None:
            stack = self._drawn(data, bench)
            drawn, again = bench.plan(stack), bench.plan(stack)

            known = {stack.platform.name, *(spec.name for spec in stack.components)}
            assert again.problems == drawn.problems
            assert {p.component for p in drawn.problems} <= known
            assert all(p.field and p.message for p in drawn.problems)

        holds()
        assert _tree(bench) == before

    def _drawn(self, data: st.DataObject, bench: Bench) -> Stack:
        fields = data.draw(strategies.fields(self.kind))
        try:
            if self.table().is_platform:
                return Stack("kit", platform=platform(fields, {"target": bench.target}))
            spec = self.table().subject(fields, SUBJECT, bench.examples)
        except ValidationError:
            assume(False)
            raise
        return Stack("kit", platform=platform(bench.place, {}), components=[spec, *company([spec])])


def _tree(bench: Bench) -> list[Any]:
    return sorted(bench.folder.rglob("*"))


def _built(bench: Bench, stack: Stack) -> tuple[str, int]:
    """Return what building a refused declaration says, and how much it registered."""
    said: list[str] = []

    def program() -> None:
        with pytest.raises(pulumi.RunError) as caught:
            build(Declaration(stack, bench.folder))
        said.append(str(caught.value))

    recording = record(program, project="kit")
    return said[0], len(recording.resources)
