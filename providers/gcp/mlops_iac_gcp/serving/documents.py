"""The deployment document: all that deploying a version of one endpoint takes.

It is the inputs of `ModelDeployment`, as the declaration made them: the policy, and the requests
with holes where only a version tells the value. It also lies in the bucket, so that who has no
declaration deploys in the same way.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac import rolling
from mlops_iac.rolling import Saved
from mlops_iac_gcp import documents


class Deployment(rolling.Deployment):
    """One endpoint's document."""

    @property
    def labels(self) -> Mapping[str, str]:
        """All labels of what the endpoint is made of."""
        if self.is_serverless:
            return self.body("services.create")["labels"]
        return self.body("models.upload")["model"]["labels"]

    @property
    def parent(self) -> str:
        """Full name of the region."""
        return self.endpoint.rsplit("/", 2)[0]

    @property
    def is_serverless(self) -> bool:
        """Whether it is a service of Cloud Run, not an endpoint of Vertex AI."""
        return "/services/" in self.endpoint

    def api(self, operation: str) -> str:
        """Return which version of the API an operation is asked of; previews are in v1beta1."""
        return next(self._requests(operation))["api"]

    def body(self, operation: str) -> Mapping[str, Any]:
        """Return the body of the request for an operation, such as `models.upload`."""
        return next(self._requests(operation))["body"]

    def deployed(self, role: str) -> Mapping[str, Any]:
        """Return the `DeployedModel` that the declaration describes, for a role."""
        known = (item["body"]["deployedModel"] for item in self._requests("endpoints.deployModel"))
        return next(item for item in known if item["displayName"] == role)

    def _requests(self, operation: str) -> Iterator[Mapping[str, Any]]:
        for item in self.document["requests"]:
            if item["operation"].endswith(f".{operation}"):
                yield item


SAVED = Saved(documents=documents, kind=Deployment, store="bucket")
save, load, is_saved, forget = SAVED.save, SAVED.load, SAVED.is_saved, SAVED.forget
