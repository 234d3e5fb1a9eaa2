"""What an endpoint is to be made of: a version, and a challenger beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from mlops_iac.errors import MlopsError
from mlops_iac.registry import Version
from mlops_iac.rolling.parts import CHALLENGER, MAIN, Deployment
from mlops_iac.splits import ALL


class Part(Protocol):
    """One version on an endpoint."""

    @property
    def id(self) -> str:
        """What it is called there, made of its content: known before anything is deployed."""
        ...

    @property
    def version(self) -> Version:
        """The version."""
        ...


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, kw_only=True)
class Parts(Generic[P]):
    """What an endpoint is to be made of."""

    main: P
    challenger: P | None
    split: Mapping[str, int]
    """Share of the traffic by the id of a part."""
    mirror: Mapping[str, int] = field(default_factory=dict[str, int])
    """Share of the requests of which a part gets copies."""

    @property
    def all(self) -> Sequence[P]:
        """The version that is served, then the challenger if there is one."""
        return [self.main] if self.challenger is None else [self.main, self.challenger]


def parts(
    deployment: Deployment,
    version: Version,
    challenger: Version | None,
    part: Callable[[str, Version], P],
) -> Parts[P]:
    """Return what deploys a version, and a challenger beside it.

    Args:
        deployment: the endpoint.
        version: what is to be served.
        challenger: what is to be beside it, if anything.
        part: fills in what the declaration left open, by what a version is on its endpoint.
    """
    main, rival = part(MAIN, version), deployment.challenger
    if challenger is None or rival is None:
        return Parts(main=main, challenger=None, split={main.id: ALL})
    beside = part(CHALLENGER, challenger)
    if rival.is_shadow:
        mirror = {beside.id: rival.percent}
        return Parts(main=main, challenger=beside, split={main.id: ALL}, mirror=mirror)
    split = {main.id: ALL - rival.percent, beside.id: rival.percent}
    return Parts(main=main, challenger=beside, split=split)


def require_digest(deployment: Deployment, version: Version, failed: type[MlopsError]) -> str:
    """Return the digest of a version.

    Raises:
        MlopsError: it has none.
    """
    if version.digest is None:
        raise failed(
            f"version `{version.number}` of `{deployment.model.component}` has no digest: no run "
            "of this stack registered it",
            remedy="register it by a run",
        )
    return version.digest
