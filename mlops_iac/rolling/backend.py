"""What deploying asks of a cloud: of its registry, of the places in which endpoints run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from mlops_iac.registry import Listed, Model, Version
from mlops_iac.rolling.parts import Deployed, Deployment, Work

D_contra = TypeVar("D_contra", bound=Deployment, contravariant=True)


class Versions(Protocol):
    """A provider's module of versions; `where` is its own place."""

    def listed(self, where: Any, model: Model, /) -> Sequence[Listed]:
        """Return the versions of a model, newest first."""
        ...

    def version(self, where: Any, model: Model, number: int, /) -> Version:
        """Return one version of a model."""
        ...

    def aliased(self, where: Any, model: Model, alias: str, /) -> Listed | None:
        """Return the version that an alias names, or `None`."""
        ...

    def approve(
        self, where: Any, model: Model, number: int, /, *, approver: str, comment: str
    ) -> Version:
        """Let a version be deployed; who approved, and why, is kept with it."""
        ...

    def set_alias(self, where: Any, model: Model, alias: str, number: int, /) -> None:
        """Point an alias at a version."""
        ...


class Backend(Protocol[D_contra]):
    """A provider's module of one place in which endpoints run."""

    def labels(self, work: Work, deployment: D_contra, /) -> Mapping[str, str] | None:
        """Return the labels of what is there under the endpoint's name, or `None`."""
        ...

    def settle(self, work: Work, deployment: D_contra, /) -> None:
        """Wait until nothing is under way on it."""
        ...

    def deployed(self, work: Work, deployment: D_contra, /) -> Deployed | None:
        """Return what is served, or `None`."""
        ...

    def deploy(
        self, work: Work, deployment: D_contra, version: Version, challenger: Version | None, /
    ) -> Mapping[str, int]:
        """Serve a version, and a challenger beside it; return the split that is to be."""
        ...

    def trouble(self, work: Work, deployment: D_contra, since: datetime, /) -> str | None:
        """Return in one line what is wrong with what is served, or `None`."""
        ...

    def undeploy(self, work: Work, deployment: D_contra, /) -> None:
        """Take everything off, and remove the document."""
        ...

    def drift(
        self, work: Work, deployment: D_contra, version: Version, challenger: Version | None, /
    ) -> str | None:
        """Return in one line how the settings differ from the declared ones, or `None`."""
        ...
