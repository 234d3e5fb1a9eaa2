"""Where the verbs work: one stack's scope, its clients, its names."""

import sys
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.provider import OperationScope
from mlops_iac.specs import Spec
from mlops_iac_aws import names
from mlops_iac_aws.serving import Deployment, Work, load
from mlops_iac_aws.serving.documents import read
from mlops_iac_aws.session import Clients, Place, clients


@dataclass(frozen=True)
class Site:
    """One stack on AWS. Every name is known from the scope: nothing is asked for what is where."""

    scope: OperationScope

    @cached_property
    def clients(self) -> Clients:
        """Clients of the stack's region, under the declared role."""
        target = self.scope.target
        return clients(
            Place(
                region=target.region or "",
                account=target.account,
                role=target.role,
                endpoints=tuple(sorted((target.endpoints or {}).items())),
            )
        )

    @cached_property
    def bucket(self) -> str:
        """The stack's bucket."""
        return names.bucket(self.scope)

    @property
    def work(self) -> Work:
        """What deploying may use; its progress goes to standard error."""
        return Work(clients=self.clients, log=_tell, pause=time.sleep)

    def deployment(self, endpoint: str) -> Deployment:
        """Return the document of an endpoint.

        Raises:
            OperationError: there is no such endpoint.
        """
        return load(self.clients, self.bucket, endpoint)

    def read(self, key: str) -> Any | None:
        """Return a JSON document of the bucket, or `None` when there is none."""
        return read(self.clients, f"s3://{self.bucket}/{key}")

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix of the bucket, in their order."""
        pages = self.clients("s3").get_paginator("list_objects_v2")
        answers = pages.paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in answers for item in page.get("Contents", ())]

    def spec(self, name: str, *kinds: str) -> Spec:
        """Return a declared component.

        Raises:
            OperationError: there is none of that name, or it is of another kind.
        """
        found = self.scope.specs.get(name)
        if found is not None and (not kinds or found.kind in kinds):
            return found
        known = [s.name for s in self.scope.specs.values() if not kinds or s.kind in kinds]
        wanted = " or ".join(f"`{kind}`" for kind in kinds) or "component"
        raise OperationError(
            f"no {wanted} is called `{name}`",
            remedy=f"declared: {', '.join(f'`{item}`' for item in known) or 'none'}",
        )


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
