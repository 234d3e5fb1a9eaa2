"""The order of steps: each after what it needs has ended well, independent ones side by side."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

PARALLEL = 2
"""Steps at the same time."""


def run_in_order(graph: Mapping[str, Sequence[str]], work: Callable[[str], bool]) -> None:
    """Do the work of each step; what needs a step that did not end well is not begun.

    Args:
        graph: each step with those before it.
        work: returns whether the step ended well; must not raise.
    """
    sorter, order = TopologicalSorter(graph), list(graph)
    sorter.prepare()
    going: dict[Future[bool], str] = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        while True:
            for name in sorted(sorter.get_ready(), key=order.index):
                going[pool.submit(work, name)] = name
            if not going:
                return
            ended, _ = wait(going, return_when=FIRST_COMPLETED)
            for future in ended:
                name = going.pop(future)
                if future.result():
                    sorter.done(name)
