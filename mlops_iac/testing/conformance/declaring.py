"""K0, declaration: what a provider says of itself is whole, and costs nothing to read."""

import importlib
import inspect
import json
import re
import subprocess
import sys
from importlib.metadata import distribution, entry_points
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mlops_iac.capabilities import Capability, Level
from mlops_iac.discovery import GROUP
from mlops_iac.provider import Adapter
from mlops_iac.specs import KINDS
from mlops_iac.testing.conformance.bench import Bench
from mlops_iac.testing.conformance.scenarios import TABLES
from mlops_iac.testing.conformance.suite import Suite


class ProviderConformance(Suite):
    """K0: needs neither SDK nor engine.

    `docs` names a folder with one page per kind, where the provider ships them.
    """

    docs: ClassVar[Path | None] = None
    """Folder of the mapping pages, `<kind>.md`; not looked at when left out."""
    distribution: ClassVar[str | None] = None
    """Distribution that has the extra; the entry point's own when left out."""

    def test_declares_every_capability(self, bench: Bench) -> None:
        """Each with a note where it is not native, and a source where the service lacks it."""
        table = bench.provider.capabilities
        wrong = [f"`{c}` has no row" for c in Capability if c not in table]
        wrong += [
            f"`{c}` has no note"
            for c, support in table.items()
            if support.level is not Level.NATIVE and not support.note.strip()
        ]
        wrong += [
            f"`{c}` has no url"
            for c, support in table.items()
            if support.level is Level.NOT_AVAILABLE and not support.url.startswith("https://")
        ]

        assert wrong == []

    def test_record_is_read_without_its_sdk(self, bench: Bench) -> None:
        """In a process of its own, which says what it has loaded."""
        module = bench.record_at.partition(":")[0]
        code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
        assert loaded & {*bench.provider.requires, "pulumi"} == set()

    def test_adapters_match_the_protocol(self, bench: Bench) -> None:
        """Each takes what the core gives it, under the same names."""
        wrong = [
            f"{kind}.{method}{inspect.signature(getattr(adapter, method, None) or _absent)}"
            for kind in bench.provider.adapters
            if (adapter := bench.provider.adapter(kind)) is not None
            for method in ("check", "build")
            if not _matches(adapter, method)
        ]

        assert wrong == []

    def test_adapters_are_of_known_kinds(self, bench: Bench) -> None:
        """With a platform, on which all others stand."""
        assert bench.provider.adapters.keys() <= KINDS.keys()
        assert "Platform" in bench.provider.adapters

    def test_a_kind_without_an_adapter_is_refused_by_the_table(self, bench: Bench) -> None:
        """So that the refusal says what to do."""
        claimed = [
            kind
            for kind, table in TABLES.items()
            if kind not in bench.provider.adapters
            and not bench.refusals([table.subject({}, "subject", bench.examples)])
            - {("subject", "kind")}
        ]

        assert claimed == []

    def test_every_usable_capability_has_a_witness(self, bench: Bench) -> None:
        """And nothing that is refused has one."""
        usable = {
            scenario.asks
            for kind, table in TABLES.items()
            if kind in bench.provider.adapters
            for scenario in table.scenarios
            if scenario.asks is not None and bench.support(scenario.asks).level.is_usable
        }

        witnesses = bench.facts.witnesses.keys()
        assert usable - witnesses == set()
        assert [c for c in witnesses if not bench.support(c).level.is_usable] == []

    def test_every_kind_has_a_mapping_page(self, bench: Bench) -> None:
        """Named after the kind, as its specification's file is."""
        if self.docs is None:
            pytest.skip("this provider ships no mapping pages")
        named = {kind: self.docs / f"{_snake(kind)}.md" for kind in bench.provider.adapters}

        assert [kind for kind, page in named.items() if not page.is_file()] == []

    def test_its_extra_is_named_by_its_distribution(self, bench: Bench) -> None:
        """So that the hint, `pip install 'mlops-iac[extra]'`, works."""
        extras = distribution(self._distribution(bench)).metadata.get_all("Provides-Extra") or []

        assert bench.provider.extra in extras

    def _distribution(self, bench: Bench) -> str:
        if self.distribution is not None:
            return self.distribution
        entry = next(e for e in entry_points(group=GROUP) if e.name == bench.target)
        return entry.dist.name if entry.dist is not None else bench.target

    def test_what_it_loads_when_used_exists(self, bench: Bench) -> None:
        """Adapters, handlers and run-time verbs are named as text: each name leads somewhere."""
        record = bench.provider
        named = [*record.adapters.values(), record.resources, record.operations]

        for place in filter(None, named):
            module, _, name = place.partition(":")
            assert hasattr(importlib.import_module(module), name), place


def _absent() -> None: ...


def _matches(adapter: Any, method: str) -> bool:
    found = getattr(adapter, method, None)
    if found is None:
        return False
    wanted = list(inspect.signature(getattr(Adapter, method)).parameters.values())[1:]
    given = list(inspect.signature(found).parameters.values())
    return [(p.name, p.kind) for p in given] == [(p.name, p.kind) for p in wanted]


def _snake(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
