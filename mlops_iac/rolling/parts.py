"""What the rules of deploying ask of a cloud: its registry, its places to run, its documents."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar


class Work(Protocol):
    """What deploying may use."""

    @property
    def place(self) -> Any:
        """Where, and as whom."""
        ...

    @property
    def log(self) -> Callable[[str], None]:
        """Tells the user about progress."""
        ...


class Model(Protocol):
    """A registered model."""

    @property
    def component(self) -> str:
        """Its name in the declaration."""
        ...


class Challenger(Protocol):
    """Which version is beside the one that is served; one of the two is told."""

    @property
    def alias(self) -> str | None:
        """What it follows."""
        ...

    @property
    def version(self) -> int | None:
        """The pinned version."""
        ...


class Deployment(Protocol):
    """One endpoint's document."""

    @property
    def component(self) -> str:
        """Its name in the declaration."""
        ...

    @property
    def model(self) -> Any:
        """The registered model, a `Model`."""
        ...

    @property
    def alias(self) -> str | None:
        """What the endpoint follows; `None` for a pinned version."""
        ...

    @property
    def version(self) -> int | None:
        """The pinned version."""
        ...

    @property
    def challenger(self) -> Challenger | None:
        """What is beside what is served."""
        ...


class Listed(Protocol):
    """A version as a list shows it."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def status(self) -> str:
        """`pending`, `approved` or `rejected`."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """What it is called."""
        ...


class Served(Protocol):
    """What an endpoint serves."""

    @property
    def version(self) -> int:
        """Number of the version; 0 for what is none."""
        ...

    @property
    def split(self) -> Mapping[str, int]:
        """Share of the traffic by what gets it."""
        ...


class InService(Protocol):
    """A version that was served."""

    @property
    def version(self) -> int:
        """Its number."""
        ...


W = TypeVar("W", bound=Work)
D = TypeVar("D", bound=Deployment)
L = TypeVar("L", bound=Listed)
V = TypeVar("V", bound=Listed)
S = TypeVar("S", bound=Served)
W_contra = TypeVar("W_contra", contravariant=True)
D_contra = TypeVar("D_contra", contravariant=True)
V_contra = TypeVar("V_contra", contravariant=True)
S_co = TypeVar("S_co", covariant=True)
L_co = TypeVar("L_co", covariant=True)
V_co = TypeVar("V_co", covariant=True)


class Registry(Protocol[L_co, V_co]):
    """Versions of models; a module is one, too."""

    def listed(self, place: Any, model: Any) -> "Sequence[L_co]":
        """Return the versions of a model, newest first."""
        ...

    def version(self, place: Any, model: Any, number: int) -> V_co:
        """Return one version of a model."""
        ...

    def aliased(self, place: Any, model: Any, alias: str) -> L_co | None:
        """Return the version that an alias names, or `None`."""
        ...

    def set_alias(self, place: Any, model: Any, alias: str, number: int) -> None:
        """Point an alias at a version."""
        ...


class Backend(Protocol[W_contra, D_contra, V_contra, S_co]):
    """Where an endpoint runs."""

    def settle(self, work: W_contra, deployment: D_contra) -> None:
        """Wait until nothing is under way on it."""
        ...

    def deployed(self, work: W_contra, deployment: D_contra) -> S_co | None:
        """Return what is served, or `None`."""
        ...

    def deploy(
        self, work: W_contra, deployment: D_contra, version: V_contra, challenger: V_contra | None
    ) -> Mapping[str, int]:
        """Serve a version, and a challenger beside it; return the split that is to be."""
        ...

    def drift(
        self, work: W_contra, deployment: D_contra, version: V_contra, challenger: V_contra | None
    ) -> str | None:
        """Return in one line how the settings differ from the declared ones, or `None`."""
        ...
