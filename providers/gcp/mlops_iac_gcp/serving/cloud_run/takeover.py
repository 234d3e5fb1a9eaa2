"""One revision taking over from another on a service, step by step, or going back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.rolling import InService, Work
from mlops_iac.rolling.revisions import RevisionPart, RevisionTakeover
from mlops_iac.splits import ALL, back
from mlops_iac_gcp import lro
from mlops_iac_gcp.errors import ApiError, DeploymentError, QuotaError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.serving import health
from mlops_iac_gcp.serving.cloud_run.states import (
    API,
    SERVED,
    SERVICES,
    Service,
    look,
    revision,
    revisions,
    service_id,
    settled,
)
from mlops_iac_gcp.serving.documents import Deployment

REQUESTS = "run.googleapis.com/request_count"
"""https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-run."""
_KEPT = 20
"""Versions that the history of a service names."""


@dataclass(frozen=True)
class Takeover(RevisionTakeover[Deployment, Service]):
    """One revision taking over from another."""

    failed, refused, quota = DeploymentError, ApiError, QuotaError

    def _made(self, part: RevisionPart) -> str:
        """Make the revision of a part, unless it is there; return its name."""
        known = revisions(self.work, self.deployment, part.id) if self._now() else []
        ready = [item.id for item in known if not item.trouble]
        if ready:
            return ready[0]
        name = f"{service_id(self.deployment)}-{part.id}"
        if known:
            # A name is taken for good, also by a revision that never came up.
            name = f"{name}-{len(known) + 1}"
        self.work.log(f"endpoint {self.deployment.component}: makes revision {name}")
        self._send(part, name)
        self._require_ready(name)
        return name

    def _send(self, part: RevisionPart, name: str) -> None:
        template = {**part.template, "revision": name}
        now = self._now()
        if now is None:
            self._create(template, _target(name, part.id, ALL))
        else:
            # By name, never to the latest: the new revision begins without traffic.
            kept = [_target(item.id, item.stem, item.share) for item in now.running]
            self._patch({"template": template, "traffic": kept})

    def _create(self, template: Mapping[str, Any], first: Mapping[str, Any]) -> None:
        body = dict(self.deployment.body("services.create"))
        body |= {"template": template, "traffic": [first]}
        params = {"parent": self.deployment.parent, "serviceId": service_id(self.deployment)}
        try:
            # It names its service: a second request makes no second one.
            self._operate("create", params, body)
        except ApiError as error:
            if not is_taken(error):
                raise
            settled(self.work, self.deployment)

    def _patch(self, change: Mapping[str, Any]) -> None:
        params = {"name": self.deployment.endpoint, "updateMask": ",".join(change)}
        self._operate("patch", params, change)

    def _operate(self, verb: str, params: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        work = self.work
        lro.run(
            work.place,
            API,
            f"{SERVICES}.{verb}",
            params,
            body,
            repeatable=True,
            pause=work.pause,
            log=work.log,
        )

    def _now(self) -> Service | None:
        return look(self.work, self.deployment)

    def _require_ready(self, name: str) -> None:
        wrong = _not_ready(self.work, self.deployment, name)
        if wrong is not None:
            raise DeploymentError(wrong)

    def _trouble(self, since: datetime) -> str | None:
        return revision_trouble(self.work, self.deployment, self._new(), since)

    def _finish(self) -> None:
        """Give the wished split, note the version in the history, follow the frame's settings."""
        now, declared = self._now(), self.deployment.body("services.create")
        if now is None:
            raise DeploymentError("it was removed meanwhile")
        change = {
            "traffic": self._targets(self._split()),
            "annotations": {**now.annotations, SERVED: self._history(now)},
            **{key: declared[key] for key in FRAME},
        }
        differing = {key: change[key] for key in change if now.told.get(key) != change[key]}
        if differing:
            self._patch(differing)

    def _history(self, now: Service) -> str:
        number, known = self.wish.main.version.number, served(now)
        if known and known[0].version == number:
            return now.annotations[SERVED]
        earlier = [item for item in known if item.version != number]
        newest = InService(version=number, since=self.work.now().isoformat())
        return ",".join(f"{item.version}@{item.since}" for item in [newest, *earlier][:_KEPT])

    def _move(self, split: Mapping[str, int]) -> None:
        self._patch({"traffic": self._targets(split)})

    def _targets(self, split: Mapping[str, int]) -> list[dict[str, Any]]:
        stems = {name: stem for stem, name in self.names.items()}
        known = {} if self.before is None else {item.id: item for item in self.before.running}
        for name, item in known.items():
            stems.setdefault(name, item.stem)
        return [_target(name, stems[name], share) for name, share in split.items()]

    def _back(self) -> None:
        """Give the traffic back to what had it; what was made for nothing before is removed."""
        now = settled(self.work, self.deployment)
        if now is None:
            return
        if self.before is None:
            params = {"name": self.deployment.endpoint}
            method = f"{SERVICES}.delete"
            found(lro.run, self.work.place, API, method, params, pause=self.work.pause)
            return
        new = self.names.get(self.wish.main.id, "")
        split = back(self.before.split, self._old(), new)
        if dict(now.split) != split and split:
            self._move(split)


FRAME = ("description", "ingress", "labels")
"""What a service has of its own beside its revisions."""


def served(now: Service) -> list[InService]:
    """Return the versions that a service has served, the last one first."""
    noted = (item.partition("@") for item in now.annotations.get(SERVED, "").split(",") if item)
    return [InService(version=int(number), since=since) for number, _, since in noted]


def revision_trouble(work: Work, deployment: Deployment, name: str, since: datetime) -> str | None:
    """Return in one line what is wrong with a revision that gets traffic, or `None`."""
    wanted = {
        "metric.type": REQUESTS,
        "resource.labels.service_name": service_id(deployment),
        "resource.labels.revision_name": name,
    }
    wrong = _not_ready(work, deployment, name)
    return wrong or health.errors_of(work, deployment, wanted, since)


def _not_ready(work: Work, deployment: Deployment, name: str) -> str | None:
    known = revision(work, deployment, name)
    if known is None:
        return f"revision `{name}` is gone"
    return f"Cloud Run says: {known.trouble}" if known.trouble else None


def _target(name: str, stem: str, share: int) -> dict[str, Any]:
    target: dict[str, Any] = {
        "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
        "revision": name,
        "percent": share,
    }
    return {**target, "tag": stem} if stem else target
