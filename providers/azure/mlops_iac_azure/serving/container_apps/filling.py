"""The revision of one version: what the declaration left open is filled in."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.names import content_hash
from mlops_iac_azure.registry import Version
from mlops_iac_azure.serving.documents import APPS, CHALLENGER, MAIN, Deployment
from mlops_iac_azure.serving.filling import require_digest


@dataclass(frozen=True, kw_only=True)
class Part:
    """One version on an app."""

    version: Version
    stem: str
    """Its revision's name after the app's; also its suffix."""
    template: Mapping[str, Any]
    """The revision, without its suffix."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What an app is to be made of."""

    main: Part
    challenger: Part | None
    split: Mapping[str, int]
    """Share of the traffic by stem."""

    @property
    def all(self) -> Sequence[Part]:
        """The version that is served, then the challenger if there is one."""
        return [self.main] if self.challenger is None else [self.main, self.challenger]


def filled(deployment: Deployment, version: Version, challenger: Version | None = None) -> Parts:
    """Return what serves a version, and a challenger beside it.

    Raises:
        DeploymentError: a version has no digest.
    """
    main = _part(deployment, MAIN, version)
    if challenger is None or deployment.challenger is None:
        return Parts(main=main, challenger=None, split={main.stem: 100})
    beside = _part(deployment, CHALLENGER, challenger)
    share = deployment.challenger.percent
    split = {main.stem: 100 - share, beside.stem: share}
    return Parts(main=main, challenger=beside, split=split)


def _part(deployment: Deployment, role: str, version: Version) -> Part:
    template = deepcopy(dict(deployment.body(APPS)["properties"]["template"]))
    del template["revisionSuffix"]
    (container,) = template["containers"]
    container["image"] = version.image
    # The server is told where its model lies: a container app mounts none.
    container["args"] = [version.artifact]
    told = {
        contract.MODEL_VERSION: str(version.number),
        contract.MODEL_DIGEST: require_digest(deployment, version),
    }
    container["env"] = [
        {**each, "value": told.get(each["name"], each["value"])} for each in container["env"]
    ]
    stem = f"{role[0]}{version.number}-{content_hash(template)}"
    return Part(version=version, stem=stem, template=template)
