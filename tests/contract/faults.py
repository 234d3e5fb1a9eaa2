"""Plant one fault into a valid sample."""

import copy
import re
from typing import Any

from tests.contract.walkers.finding import Finding, Rule

REMOVED = object()
"""Planted in place of a value to leave it out."""

_STEP = re.compile(r"[^.\[\]]+")


def planted(sample: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy of `sample` with `value` at `path` (`rules[0].status`)."""
    changed = copy.deepcopy(sample)
    steps: list[Any] = [int(s) if s.isdigit() else s for s in _STEP.findall(path)]
    place: Any = changed
    for step in steps[:-1]:
        place = place[step]
    if value is REMOVED:
        del place[steps[-1]]
    else:
        place[steps[-1]] = value
    return changed


def assert_found(findings: list[Finding], path: str, rule: Rule) -> None:
    """Assert that a finding of `rule` stands at `path`."""
    found = [(finding.path, finding.rule) for finding in findings]

    assert (path, rule) in found, [str(finding) for finding in findings]
