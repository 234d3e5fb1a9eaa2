"""One revision taking over from another on an app, step by step, or going back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac.rolling.revisions import RevisionPart, RevisionTakeover
from mlops_iac.splits import ALL, back
from mlops_iac_azure import lro, rest
from mlops_iac_azure.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_azure.faults import is_busy
from mlops_iac_azure.serving import health, history
from mlops_iac_azure.serving.container_apps.states import (
    App,
    Revision,
    look,
    made,
    revision,
    revisions,
    settled,
)
from mlops_iac_azure.serving.documents import APPS, Deployment
from mlops_iac_azure.serving.health import Counted

# learn.microsoft.com, supported metrics of Microsoft.App/containerApps.
REQUESTS = Counted(
    metric="Requests",
    namespace="microsoft.app/containerapps",
    aggregation="Total",
    whose="revisionName",
    code="statusCodeCategory",
)
_TRIES = 3
"""Requests for one change that somebody else's work, or a lost answer, may take."""


@dataclass(frozen=True)
class Takeover(RevisionTakeover[Deployment, App]):
    """One revision taking over from another."""

    failed, refused, quota = DeploymentError, ApiError, QuotaError

    def _made(self, part: RevisionPart) -> str:
        """Make the revision of a part, unless it is there; return its name."""
        known = self._known(part.id)
        ready = [item for item in known if not item.trouble]
        if ready:
            self._activate(ready[0])
            return self._come_up(ready[0].id)
        # A name is taken for good, also by a revision that never came up.
        suffix = f"{part.id}-{len(known) + 1}" if known else part.id
        self.work.log(f"endpoint {self.deployment.component}: makes revision {suffix}")
        self._send({**part.template, "revisionSuffix": suffix})
        return self._come_up(f"{self.deployment.name}--{suffix}")

    def _known(self, stem: str) -> list[Revision]:
        if look(self.work, self.deployment) is None:
            return []
        return [item for item in revisions(self.work, self.deployment) if item.stem == stem]

    def _activate(self, known: Revision) -> None:
        if not known.is_active:
            _act(self.work, self.deployment, known.id, "activate")

    def _come_up(self, name: str) -> str:
        known = made(self.work, self.deployment, name)
        if known is None or known.trouble:
            raise DeploymentError(_said(name, known))
        return name

    def _send(self, template: Mapping[str, Any]) -> None:
        now = settled(self.work, self.deployment)
        if now is None:
            # The first revision: no other can be named before there is one.
            self._operate("PUT", self._whole(template))
        else:
            split = now.split or {"": ALL}
            self._operate("PATCH", self._change(split, template=template))

    def _whole(self, template: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.deployment.body(APPS)
        properties: Mapping[str, Any] = declared["properties"]
        changed = self._change({"": ALL}, template=template)["properties"]
        configuration = {**properties["configuration"], **changed["configuration"]}
        return {
            **declared,
            "properties": {**properties, **changed, "configuration": configuration},
        }

    def _change(
        self, split: Mapping[str, int], *, template: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return what sends the traffic so, and makes a revision of a template if one is given."""
        ingress = self.deployment.body(APPS)["properties"]["configuration"]["ingress"]
        targets = [_target(name, share) for name, share in split.items()]
        properties = {"configuration": {"ingress": {**ingress, "traffic": targets}}}
        made_of = {} if template is None else {"template": dict(template)}
        return {"properties": {**properties, **made_of}}

    def _operate(self, verb: str, body: Mapping[str, Any]) -> None:
        """Change the app; what is under way already is waited for first."""
        work, name = self.work, self.deployment.component
        for _ in range(_TRIES):
            try:
                # It names its revision: a second request makes no second one.
                lro.run(
                    work.place,
                    verb,
                    self.deployment.endpoint,
                    body,
                    repeatable=True,
                    doing=f"endpoint {name}",
                    pause=work.pause,
                    log=work.log,
                )
            except ApiError as error:
                if not is_busy(error):
                    raise
                settled(work, self.deployment)
            else:
                return
        raise DeploymentError(f"`{name}` is changed by somebody else all the time")

    def _now(self) -> App | None:
        return look(self.work, self.deployment)

    def _trouble(self, since: datetime) -> str | None:
        return revision_trouble(self.work, self.deployment, self._new(), since)

    def _finish(self) -> None:
        self._move(self._split())
        self._follow()

    def _settle(self) -> None:
        history.note(self.work, self.deployment, self.wish.main.version.number)
        self._retire()

    def _move(self, split: Mapping[str, int]) -> None:
        now = look(self.work, self.deployment)
        if now is None:
            raise DeploymentError("it was removed meanwhile")
        if now.split != split or _follows_latest(now):
            self._operate("PATCH", self._change(split))

    def _follow(self) -> None:
        """Bring the tags to the declared ones."""
        now, declared = look(self.work, self.deployment), self.deployment.body(APPS)
        if now is not None and now.labels != declared["tags"]:
            gone = dict.fromkeys(now.labels.keys() - declared["tags"].keys())
            self._operate("PATCH", {"tags": {**gone, **declared["tags"]}})

    def _retire(self) -> None:
        """Let what is served no more be inactive, but for what was served before."""
        known = history.served(self.work, self.deployment)
        kept = {item.version for item in known[:2]}
        now = look(self.work, self.deployment)
        split = {} if now is None else now.split
        for item in revisions(self.work, self.deployment):
            if item.is_active and item.id not in split and item.version not in kept:
                _act(self.work, self.deployment, item.id, "deactivate")

    def _back(self) -> None:
        """Give the traffic back to what had it; what was made for nothing before is removed."""
        now = settled(self.work, self.deployment)
        if now is None:
            return
        if self.before is None:
            lro.removed(self.work.place, self.deployment.endpoint, pause=self.work.pause)
            return
        new = self.names.get(self.wish.main.id, "")
        split = back(self.before.split, self._old(), new)
        if dict(now.split) != split and split:
            self._operate("PATCH", self._change(split))


def revision_trouble(work: Work, deployment: Deployment, name: str, since: datetime) -> str | None:
    """Return in one line what is wrong with a revision that gets traffic, or `None`."""
    known = revision(work, deployment, name)
    if known is None or known.trouble:
        return _said(name, known)
    return health.errors_of(work, deployment, REQUESTS, name, since)


def _said(name: str, known: Revision | None) -> str:
    return f"revision `{name}` is gone" if known is None else f"Azure says: {known.trouble}"


def _act(work: Work, deployment: Deployment, name: str, action: str) -> None:
    path = f"{deployment.endpoint}/revisions/{name}/{action}"
    rest.call(work.place, "POST", path, repeatable=True, pause=work.pause)


def _target(name: str, share: int) -> dict[str, Any]:
    """Return a share of the traffic; a revision without a name is the latest."""
    whose: dict[str, Any] = {"revisionName": name} if name else {"latestRevision": True}
    return {**whose, "weight": share}


def _follows_latest(now: App) -> bool:
    ingress = now.told.get("configuration", {}).get("ingress") or {}
    return any(item.get("latestRevision") for item in ingress.get("traffic") or ())
