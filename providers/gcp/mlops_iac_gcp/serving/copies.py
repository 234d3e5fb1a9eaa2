"""Copies of versions that an endpoint serves: made once, adopted, swept.

Environment and image stand in Vertex AI's model, not in its deployment. So what is served is a
model of the endpoint's own, over the same artifacts as the registered version, immutable and named
by its content. One that came into service carries the time in a label: that is the endpoint's
history, from which a roll-back knows where to go.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import ApiError, DeploymentError, NotOursError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.serving.documents import Deployment
from mlops_iac_gcp.serving.filling import ENDPOINT, VERSION, Part

API = "aiplatform.v1"
_MODELS = "projects.locations.models"
SERVED = "mlops-iac-served"
_LOOKS, _LOOK_SECONDS = 30, 2.0
_TIME = "%Y%m%dt%H%M%S%f"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A served copy of an endpoint that is ours."""

    name: str
    """Full name in Vertex AI."""
    id: str
    """Last part of the name: Vertex AI spells the project by its number as well."""
    version: int | None
    served: str
    """When it last came into service, sortable; empty when it never did."""

    @property
    def since(self) -> str:
        """When it last came into service: UTC, ISO 8601; empty when it never did."""
        if not self.served:
            return ""
        return datetime.strptime(self.served, _TIME).replace(tzinfo=UTC).isoformat()


def make(work: Work, deployment: Deployment, part: Part) -> None:
    """Make the copy of a version, or adopt the one that is there.

    Raises:
        NotOursError: something of that name carries another mark.
    """
    name = part.deployed["model"]
    known = _get(work, name)
    if known is None:
        work.log(f"endpoint {deployment.component}: copies version {part.version.number}")
        known = _upload(work, deployment, part)
    if known is not None:
        require_ours(deployment, name, known.get("labels", {}))
        _label(work, name, known, deployment.labels)


def require_ours(deployment: Deployment, name: str, labels: Mapping[str, str]) -> None:
    """Refuse what carries another mark than this stack's.

    Raises:
        NotOursError: it does.
    """
    if any(labels.get(key) != value for key, value in deployment.owners.items()):
        raise NotOursError(
            f"`{name}` is there and is not of this stack",
            remedy="remove it, or give the component another name",
        )


def note_served(work: Work, name: str) -> None:
    """Note that a copy came into service now."""
    known = _get(work, name)
    if known is not None:
        _label(work, name, known, {SERVED: work.now().strftime(_TIME)})


def history(work: Work, deployment: Deployment) -> list[Copy]:
    """Return the copies of an endpoint that are kept, last served first."""
    copies = [_copy(item) for item in _own(work, deployment)]
    return sorted(copies, key=lambda item: item.served, reverse=True)


def sweep(work: Work, deployment: Deployment, current: Collection[str]) -> None:
    """Remove old copies; keep what is served, and what a roll-back needs.

    Args:
        work: what deploying may use.
        deployment: the endpoint.
        current: ids of the copies in use, that which answers first; none removes all.
    """
    known = history(work, deployment)
    kept = set(_kept(known, list(current)))
    for item in known:
        if item.id not in kept:
            params = {"name": item.name}
            found(lro.run, work.place, API, f"{_MODELS}.delete", params, pause=work.pause)


def _upload(work: Work, deployment: Deployment, part: Part) -> Mapping[str, Any] | None:
    """Upload; return the copy that is there already, made beside us or with a lost answer."""
    params = {"parent": deployment.parent}
    method = f"{_MODELS}.upload"
    try:
        # Its id is its content: a second request makes no second copy.
        lro.run(work.place, API, method, params, part.upload, repeatable=True, pause=work.pause)
    except ApiError as error:
        if not is_taken(error):
            raise
        return _awaited(work, part.deployed["model"])
    return None


def _awaited(work: Work, name: str) -> Mapping[str, Any]:
    """Return a copy that is being made."""
    for _ in range(_LOOKS):
        if (known := _get(work, name)) is not None:
            return known
        work.pause(_LOOK_SECONDS)
    raise DeploymentError(
        f"`{name}` is taken, and is not there", remedy="`mlops-iac up` tries again"
    )


def _get(work: Work, name: str) -> Mapping[str, Any] | None:
    return found(rest.call, work.place, API, f"{_MODELS}.get", {"name": name})


def _label(work: Work, name: str, known: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    had = known.get("labels", {})
    wish = {**had, **labels}
    if wish != had:
        params = {"name": name, "updateMask": "labels"}
        rest.call(work.place, API, f"{_MODELS}.patch", params, {"name": name, "labels": wish})


def _copy(item: Mapping[str, Any]) -> Copy:
    labels = item.get("labels", {})
    number = labels.get(VERSION, "")
    name = item["name"].partition("@")[0]
    return Copy(
        name=name,
        id=name.rpartition("/")[2],
        version=int(number) if number.isdecimal() else None,
        served=labels.get(SERVED, ""),
    )


def _kept(known: list[Copy], current: list[str]) -> Iterator[str]:
    if not current:
        return
    now = next((item for item in known if item.id == current[0]), None)
    if now is None:
        # Somebody else's copy is in service: nothing is known to be old.
        yield from (item.id for item in known)
        return
    yield from current
    earlier = (item.id for item in known if item.served and item.version != now.version)
    yield from list(earlier)[:1]


def _own(work: Work, deployment: Deployment) -> list[Mapping[str, Any]]:
    """Return the models that carry the endpoint's mark, and that of its stack."""
    identifier = deployment.endpoint.rpartition("/")[2]
    params = {"parent": deployment.parent, "filter": f"labels.{ENDPOINT}={identifier}"}
    items = rest.listed(work.place, API, f"{_MODELS}.list", params, "models")
    owners = deployment.owners.items()
    return [item for item in items if owners <= item.get("labels", {}).items()]
