"""The page of waivers, made from the tables. Not a test."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.judges import blueprint, waivers, without_rule
from tests.judges.waivers import Waiver

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "waivers.md"
_HEAD = """# Waivers

What judges find in a plan or in a deployed stack, and we leave, each with its reason. The judges
run in CI on declarations in the profiles `prod` and `regulated`; a finding without a row here
fails, and so does a row that nothing needs. Made from `waivers.py`, `without_rule.py` and
`blueprint.py` in `tests/judges/`; `MLOPS_IAC_FREEZE=1 pytest tests/judges/test_page.py` writes it.
"""
_JUDGES: Mapping[str, Mapping[str, Iterable[Waiver]]] = {
    "Checkov, on the plan": waivers.CHECKOV,
    "Microsoft's policies for Azure ML, on the plan": waivers.AZURE_POLICY,
    "Security Hub's SageMaker controls, and those of jobs, on the plan": waivers.CONTROLS,
    "Prowler, on a deployed stack": waivers.PROWLER,
}
_UNRULED: Mapping[str, Mapping[str, str]] = {
    "aws": {**without_rule.TYPES, **without_rule.REQUESTS},
    "azure": without_rule.AZURE_TYPES,
    "gcp": {**without_rule.GOOGLE_TYPES, **without_rule.GOOGLE_REQUESTS},
}
_APART: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Google's enterprise blueprint asks", "constraint", blueprint.APART),
    ("Microsoft's policies for Azure ML ask", "policy", waivers.AZURE_POLICIES_APART),
)


def text() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_waivers(), *_without_rule(), *_constraints()])


def _waivers() -> Iterator[str]:
    for judge, targets in _JUDGES.items():
        for target, rows in targets.items():
            yield f"## {judge}: `{target}`\n"
            yield from _table(
                ("rule", "resource", "reason"),
                ((f"`{row.rule}`", f"`{row.resource}`", row.reason) for row in rows),
            )


def _without_rule() -> Iterator[str]:
    for target, rows in _UNRULED.items():
        yield f"## What Checkov has no rule for: `{target}`\n"
        yield from _table(
            ("type or call", "judged by"), ((f"`{name}`", who) for name, who in rows.items())
        )


def _constraints() -> Iterator[str]:
    for who, word, apart in _APART:
        yield f"## What {who} and a plan cannot keep or break\n"
        yield from _table((word, "why"), ((f"`{name}`", why) for name, why in apart.items()))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = tuple(head)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
