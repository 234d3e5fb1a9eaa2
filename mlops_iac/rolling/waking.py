"""The first deployment of an endpoint that waits: started by whoever approves a version."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, TypeVar

from mlops_iac.registry import Model
from mlops_iac.rolling.parts import FOLDER, Work
from mlops_iac.rolling.rules import Rolling
from mlops_iac.rolling.saved import D

Run = TypeVar("Run")


@dataclass(frozen=True, kw_only=True)
class Waking(Generic[D, Run]):
    """Who starts the pipelines that deploy."""

    rules: Rolling[D]
    start: Callable[[Any, Mapping[str, Any], str], Run]
    """Starts a pipeline by its definition and a key, once."""
    definition_key: Callable[[str], str]
    """Returns where in the store a component's definition lies."""

    def wake(self, work: Work, model: Model) -> list[Run]:
        """Start the first deployment of each endpoint that waits for a version of a model.

        The run's id is made of endpoint and version, and of when that was made: an approval that
        is told twice starts one run, a stack that was destroyed and made anew has versions of its
        own. The run looks at the endpoint itself, so that a late one changes nothing.
        """
        runs = (self._start(work, each) for each in self._followers(work, model))
        return [run for run in runs if run]

    def _followers(self, work: Work, model: Model) -> Iterator[D]:
        documents = self.rules.saved.documents
        for path in documents.paths(work.place, model.bucket, FOLDER):
            # Deeper lies what endpoints have served.
            is_document = "/" not in path.removeprefix(FOLDER)
            document = documents.read(work.place, model.bucket, path) if is_document else None
            if document is not None and document["policy"]["model_name"] == model.name:
                yield self.rules.saved.kind.of(document)

    def _start(self, work: Work, deployment: D) -> Run | None:
        if deployment.alias is None or self.rules.deployed(work, deployment) is not None:
            return None
        version = self.rules.wanted(work, deployment)
        path = self.definition_key(deployment.component)
        definition = self.rules.saved.documents.read(work.place, deployment.bucket, path)
        if version is None or definition is None:
            return None
        said = f"{deployment.endpoint} {version.number} {version.created}"
        key = sha256(said.encode()).hexdigest()
        work.log(
            f"endpoint {deployment.component}: version {version.number} is deployed by a pipeline"
        )
        return self.start(work.place, definition, key)
