"""Shares of an endpoint's traffic while one version takes over from another.

The module stands on the standard library alone: it travels into the containers.
"""

from collections.abc import Iterator, Mapping, Sequence

ALL = 100


def splits(
    steps: Sequence[int], now: Mapping[str, int], old: str | None, new: str
) -> Iterator[tuple[int, Mapping[str, int]]]:
    """Yield each share of a new version but the last, and the split that it makes.

    Shares are of what the two versions have together: a challenger keeps its own meanwhile. Steps
    that an interrupted rollout has made already are not made again.

    Args:
        steps: shares of the new version, one after the other.
        now: the split before the first step.
        old: what is served; `None` when nothing is.
        new: what takes over.
    """
    if old is None or old == new:
        return
    others = {key: value for key, value in now.items() if key not in {old, new}}
    together = ALL - sum(others.values())
    reached = now.get(new, 0)
    for step in steps:
        share = together * step // ALL
        if step < ALL and share > 0 and reached <= share:
            yield step, {**others, new: share, old: together - share}


def back(before: Mapping[str, int], old: str | None, new: str) -> dict[str, int]:
    """Return the split to go back to: an interrupted rollout's share is the old version's."""
    split = dict(before)
    if old is not None and old != new and new in split:
        split[old] = split.get(old, 0) + split.pop(new)
    return split
