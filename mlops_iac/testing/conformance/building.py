"""K2, building: what is registered belongs to its component, and is what was asked for."""

import pulumi

from mlops_iac.testing.conformance.bench import (
    CALLERS,
    CAREFUL,
    PROVIDER,
    SUBJECT,
    TAG,
    TWIN,
    Bench,
    Built,
    Variant,
)
from mlops_iac.testing.conformance.judging import (
    carries,
    fits,
    is_output,
    is_same,
    is_taggable,
    outputs_of,
    shows,
    texts,
    unknown,
)
from mlops_iac.testing.conformance.scenario import Scenario, wired
from mlops_iac.testing.conformance.suite import Suite
from mlops_iac.testing.flips import Flip
from mlops_iac.witness import Differs


class Building(Suite):
    """K2: needs the SDK, no engine and no credentials.

    A scenario that the provider's table refuses is not built: K1 has judged it.
    """

    def test_children_are_under_the_component(self, bench: Bench, scenario: Scenario) -> None:
        """Nothing hangs in the air, and the component has something of its own."""
        if bench.is_refused(self.table(), scenario):
            return
        built = bench.build(self.table(), scenario)

        below = {r.urn for r in built.recording.resources if r.parent}
        assert [r.name for r in built.made if r.urn not in below] == []
        assert built.below() != ()

    def test_children_are_named_after_the_component(self, bench: Bench, scenario: Scenario) -> None:
        """By its name, or by its name, `-`, and a word."""
        if bench.is_refused(self.table(), scenario):
            return
        names = [r.name for r in bench.build(self.table(), scenario).below()]

        assert [n for n in names if n != SUBJECT and not n.startswith(f"{SUBJECT}-")] == []

    def test_every_registration_has_an_explicit_provider(
        self, bench: Bench, scenario: Scenario
    ) -> None:
        """One that the platform made, for its own region, account and identity."""
        if bench.is_refused(self.table(), scenario):
            return
        built = bench.build(self.table(), scenario)

        explicit = {r.urn for r in built.providers}
        assert [r.name for r in built.made if r.custom and r.provider not in explicit] == []

    def test_outputs_are_complete_and_typed(self, bench: Bench, scenario: Scenario) -> None:
        """Exactly the kind's outputs; each an Output, and what is known of the declared type."""
        if bench.is_refused(self.table(), scenario):
            return
        built = bench.build(self.table(), scenario)
        outputs, registered = built.outputs[SUBJECT], built.component().outputs

        assert type(outputs) is outputs_of(self.kind)
        exported = outputs.exported()
        assert [key for key, value in exported.items() if not is_output(value)] == []
        assert set(registered) <= set(exported)
        assert [key for key, value in registered.items() if not fits(self.kind, key, value)] == []

    def test_capability_is_honest(self, bench: Bench, asking: Scenario) -> None:
        """Refused with a remedy, or wired: its witness is true with the ask and false without."""
        assert asking.asks is not None
        if bench.is_refused(self.table(), asking):
            assert bench.plan(bench.stack(self.table(), asking)).errors != ()
            return
        witness = bench.witness(asking.asks)
        assert witness is not None, f"`{asking.asks}` is usable and has no witness"
        asked, unasked = bench.build(self.table(), asking), self._without(bench, asking)

        if isinstance(witness, Differs):
            assert bench.differs(asked, unasked)
        else:
            assert (bench.sees(asking.asks, asked), bench.sees(asking.asks, unasked)) == (
                True,
                False,
            )

    def _without(self, bench: Bench, scenario: Scenario) -> Built:
        """Return the run that does not ask; without the component where that is refused."""
        variant = Variant(asks=False)
        if scenario.without is None or bench.is_refused(self.table(), scenario, variant):
            variant = Variant(is_there=False)
        return bench.build(self.table(), scenario, variant)

    def test_two_runs_register_the_same(self, bench: Bench) -> None:
        """Names and content are derived, never drawn."""
        for scenario in self._buildable(bench)[:1]:
            again = Variant(is_careful=True, run=2)
            first, second = (bench.build(self.table(), scenario, v) for v in (CAREFUL, again))

            assert not bench.differs(first, second)

    def test_two_components_share_nothing(self, bench: Bench) -> None:
        """Two of the same fields: no two resources of one type are told apart by nothing."""
        for scenario in self._buildable(bench)[:1]:
            if self.table().is_platform:
                return
            built = bench.build(self.table(), scenario, CAREFUL)
            mine = {(r.type, r.name.removeprefix(SUBJECT)): r for r in built.below(SUBJECT)}
            others = {(r.type, r.name.removeprefix(TWIN)): r for r in built.below(TWIN)}

            same = [k for k in mine.keys() & others.keys() if is_same(mine[k], others[k])]
            assert same == []

    def test_tags_reach_every_taggable_child(self, bench: Bench) -> None:
        """On the child itself, or as a default of its Pulumi provider."""
        for scenario in self._buildable(bench)[:1]:
            built = bench.build(self.table(), scenario, CAREFUL)
            by_default = {r.urn for r in built.providers if carries(r.inputs, TAG)}

            bare = [
                f"{r.type} {r.name}"
                for r in built.below()
                if r.provider not in by_default
                and is_taggable(built.classes[r.type])
                and not carries(r.inputs, TAG)
            ]
            assert bare == []

    def test_data_is_protected_in_production(self, bench: Bench) -> None:
        """Under the profile `prod` what holds data is protected, and in `dev` nothing is."""
        for scenario in self._buildable(bench)[:1]:
            careful = bench.build(self.table(), scenario, CAREFUL).below()
            plain = bench.build(self.table(), scenario).below()

            stateful = [r for r in careful if r.type in bench.facts.stateful]
            assert [r.name for r in stateful if not r.protect] == []
            others = {r.type for r in careful if r.protect} - bench.facts.stateful
            assert others == set(), "protected, and not named as what holds data"
            assert [r.name for r in plain if r.protect] == []

    def test_options_of_the_caller_reach_the_children(self, bench: Bench) -> None:
        """Protection, and Pulumi providers of the caller's own."""
        for scenario in self._buildable(bench)[:1]:
            plain = bench.build(self.table(), scenario)
            packages = frozenset(r.type.removeprefix(PROVIDER) for r in plain.providers)
            built = bench.build(self.table(), scenario, Variant(callers=packages))
            children = [r for r in built.below() if r.custom and not r.type.startswith(PROVIDER)]

            assert [r.name for r in children if not r.protect] == []
            if not self.table().is_platform:
                assert [r.name for r in children if CALLERS not in r.provider] == []

    def test_a_changed_field_changes_the_plan_or_is_refused(self, bench: Bench, flip: Flip) -> None:
        """No silent loss. Limit: that it has an effect, not that it is the right one."""
        before, after = flip.stacks(bench.place, bench.examples)
        errors = bench.plan(after).errors

        is_refused = any(p.field.split(".")[0] == flip.field for p in errors)
        if self.kind not in bench.provider.adapters:
            assert errors != ()
        elif not is_refused:
            assert bench.resources(before) != bench.resources(after)

    def _buildable(self, bench: Bench) -> list[Scenario]:
        """Return the scenarios that the table does not refuse, the plainest first."""
        table = self.table()
        return [
            s
            for s in table.scenarios
            if not bench.is_refused(table, s) and not bench.is_refused(table, s, CAREFUL)
        ]


class Wired(Suite):
    """K2 of the kinds that have an `Input`: its value never decides, and stays secret."""

    def test_unknown_inputs_leave_the_identity_unchanged(
        self, bench: Bench, wiring: Scenario
    ) -> None:
        """Type, name and parent of every resource are those of a known value."""
        if bench.is_refused(self.table(), wiring):
            return
        known = bench.build(self.table(), wiring)
        built = bench.build(self.table(), wiring, Variant(inputs=unknown))

        assert built.recording.identity() == known.recording.identity()

    def test_secrets_stay_secret(self, bench: Bench, wiring: Scenario) -> None:
        """A secret Output is nowhere registered in clear."""
        if bench.is_refused(self.table(), wiring):
            return
        built = bench.build(self.table(), wiring, Variant(inputs=pulumi.Output.secret))
        values = [text for own in wired(wiring.fields) for text in texts(bench.examples[own.name])]

        shown = [r.name for r in built.recording.resources if shows(r, values)]
        assert shown == []
