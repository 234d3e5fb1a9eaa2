"""The deployment document: all that deploying a version of one endpoint takes.

It is the inputs of `ModelDeployment`, as the declaration made them: the policy, and the requests
with holes where only a version tells the value. It also lies in the store, so that who has no
declaration deploys in the same way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac import rolling
from mlops_iac.rolling import Saved
from mlops_iac_azure import documents

APPS, DEPLOYMENTS, ENDPOINTS = "containerApps", "onlineEndpoints/deployments", "onlineEndpoints"
ENVIRONMENTS, DATA, AUTOSCALE = "environments/versions", "data/versions", "autoscaleSettings"
"""What requests are about: the end of their type."""


class Deployment(rolling.Deployment):
    """One endpoint's document."""

    @property
    def labels(self) -> Mapping[str, str]:
        """All tags of what the endpoint is made of."""
        return self.body(APPS if self.is_serverless else ENDPOINTS)["tags"]

    @property
    def name(self) -> str:
        """Name of the endpoint, or of the app."""
        return self.endpoint.rpartition("/")[2]

    @property
    def is_serverless(self) -> bool:
        """Whether it is a container app, not an online endpoint of Azure ML."""
        return f"/{APPS}/" in self.endpoint

    @property
    def is_autoscaled(self) -> bool:
        """Whether its instances follow the load."""
        return next(self._requests(AUTOSCALE), None) is not None

    def body(self, kind: str) -> Mapping[str, Any]:
        """Return the body of the request about something, such as `onlineEndpoints`."""
        return next(self._requests(kind))["body"]

    def deployed(self, role: str) -> Mapping[str, Any]:
        """Return the deployment that the declaration describes, for a role."""
        return next(item["body"] for item in self._requests(DEPLOYMENTS) if item["role"] == role)

    def parameters(self, kind: str) -> Mapping[str, Any]:
        """Return what the address of the thing that a request is about is made of."""
        return next(self._requests(kind))["params"]

    def collections(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the data that the endpoint's captures are, by `request` and `response`."""
        return {item["collection"]: item for item in self._requests(DATA)}

    def _requests(self, kind: str) -> Iterator[Mapping[str, Any]]:
        for item in self.document["requests"]:
            if item["operation"].endswith((f"/workspaces/{kind}", f"Microsoft.Insights/{kind}",
                                           f"Microsoft.App/{kind}")):  # fmt: skip
                yield item


SAVED = Saved(documents=documents, kind=Deployment, store="store")
save, load, is_saved, forget = SAVED.save, SAVED.load, SAVED.is_saved, SAVED.forget
