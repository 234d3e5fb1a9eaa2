"""The verb `logs`, as far as it is the same on every cloud."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from mlops_iac.errors import OperationError
from mlops_iac.runtime.policy.memory import EVENTS
from mlops_iac.verbs.site import Site

SiteT = TypeVar("SiteT", bound=Site)
Readers = Mapping[str, Callable[[SiteT, str, bool], Iterator[str]]]
"""What reads the log of a component, by its kind."""
_POLL_SECONDS = 5.0


def logs(site: SiteT, component: str, readers: Readers[SiteT], *, follow: bool) -> Iterator[str]:
    """Yield the lines of a job's newest run, an endpoint or a policy, oldest first.

    Raises:
        OperationError: the component has no log.
    """
    with site.told(f"reading the log of `{component}`"):
        reader = readers.get(site.spec(component).kind)
        if reader is None:
            raise OperationError(
                f"`{component}` has no log",
                remedy="name a job that ran, a monitor, an endpoint, or a retraining policy",
            )
        yield from reader(site, component, follow)


def decisions(site: Site, policy: str, follow: bool) -> Iterator[str]:
    """Yield each decision of a policy in a line, oldest first; go on while it grows."""
    seen = set[str]()
    while True:
        for path in site.paths(f"{site.policy_folder(policy)}/{EVENTS}"):
            entry = None if path in seen else site.read(path)
            if entry is not None:
                seen.add(path)
                yield f"{entry['at']} {entry['phase']}: {entry['reason']}"
        if not follow:
            return
        time.sleep(_POLL_SECONDS)
