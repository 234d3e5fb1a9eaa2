"""A model with versions and an endpoint's declaration, in a test cloud. Not a test.

`Shop` has the words in which tests of both clouds speak; what a cloud has of its own is below them,
in `tests/providers/{azure,gcp}/serving/world.py`.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import patch

import pytest

from mlops_iac import discovery
from mlops_iac.components import build_plan
from mlops_iac.custom import Properties
from mlops_iac.handlers.model_deployment import DRIFT
from mlops_iac.planning import Plan
from mlops_iac.provider import OperationScope, Provider, Scope
from mlops_iac.specs import Approval, ModelEndpoint, RegisteredModel, Spec
from mlops_iac.testing import Recording, record
from tests.providers.local.world import FakeCall

MODEL = RegisteredModel("late")
_RECORDED: dict[tuple[str, str], dict[str, Any]] = {}


_MODULES = {
    "capacity": "serving.capacity",
    "defining": "jobs.defining",
    "documents": "documents",
    "errors": "errors",
    "filling": "serving.filling",
    "health": "serving.health",
    "kept": "kept",
    "model_deployment": "resources.model_deployment",
    "model_request": "model_request",
    "model_versions": "resources.model_versions",
    "place": "place",
    "policies": "policies.world",
    "predict": "verbs.predict",
    "registry": "registry",
    "runs": "jobs.runs",
    "serving": "serving",
    "session": "session",
    "site": "verbs.site",
    "waking": "serving.waking",
    "work": "work.__main__",
}
"""Modules that both adapters have, with what these tests use of them called alike."""


def adapter_of(package: str) -> SimpleNamespace:
    """Return those modules of an adapter, by their names here."""
    found = {name: import_module(f"{package}.{path}") for name, path in _MODULES.items()}
    return SimpleNamespace(**found)


@dataclass
class Call(FakeCall):
    """A call that never sleeps: each wait is noted, and may be interrupted."""

    waits: list[float] = field(default_factory=list[float])
    at_wait: Callable[[], None] | None = None
    began: tuple[str, Properties] | None = None

    def wait(self, seconds: float) -> None:
        self.check_cancelled()
        self.waits.append(seconds)
        if self.at_wait is not None:
            self.at_wait()

    def exists(self, resource_id: str, state: Properties) -> None:
        self.began = (resource_id, state)


@dataclass
class Shop(ABC):
    """The stack `flights` in `dev`: model `late`, endpoint `score`."""

    cloud: Any
    containers: Any
    folder: Path
    image: str

    adapter: ClassVar[SimpleNamespace]
    provider: ClassVar[Provider]
    error: ClassVar[type[Exception]]
    """Of which all of the adapter's are."""
    methods: ClassVar[Mapping[str, str]]
    """How the cloud calls what we call `register`, `asset`, `deploy`, `split`, `remove`, `look`."""
    changes: ClassVar[tuple[str, ...]]
    """Methods that change what is served."""

    @classmethod
    def point(cls, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Point the adapter's clients at a cloud."""
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)

    # What is declared.

    @property
    @abstractmethod
    def config(self) -> Mapping[str, str]:
        """What tells the adapter where it works."""

    @abstractmethod
    def drawn(self, *more: Spec) -> Plan:
        """Return the plan of the model and its training, with more components."""

    @abstractmethod
    def recorded_of(self, made: Recording) -> Any:
        """Return the one `ModelDeployment` of a recording."""

    @abstractmethod
    def known(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put into a request what the platform tells, such as its identities."""

    @abstractmethod
    def address(self, path: str) -> str:
        """Return where a folder of the stack's store is."""

    @property
    def place(self) -> Any:
        return self.adapter.session.place_of(self.config)

    @property
    def model(self) -> Any:
        return self.deployment().model

    def call(self) -> Call:
        return Call("urn:score", dict(self.config))

    def work(self, call: Call | None = None) -> Any:
        made = call or self.call()
        return self.adapter.serving.Work(place=self.place, log=made.log, pause=made.wait)

    def at_first_wait(self, act: Callable[[], None], seconds: float = 10.0) -> Any:
        """Return work that does something once, in the first wait of a rollout."""
        call, done = self.call(), [False]

        def at_wait() -> None:
            if call.waits[-1] == seconds and not done[0]:
                done[0] = True
                act()

        call.at_wait = at_wait
        return self.work(call)

    def inputs(self, **endpoint: Any) -> dict[str, Any]:
        """Return the inputs of `ModelDeployment` that a declaration of the endpoint registers."""
        key = (self.provider.name, json.dumps(endpoint, sort_keys=True, default=str))
        if key not in _RECORDED:
            made = self.recorded_of(self.record("score", **endpoint))
            _RECORDED[key] = json.loads(json.dumps(dict(made.inputs)))
        told = json.loads(json.dumps(_RECORDED[key]))
        return {**told, "requests": [self.known(one) for one in told["requests"]]}

    def record(self, name: str, **endpoint: Any) -> Recording:
        """Return what model and endpoint register, without the training of the model."""
        alone = replace(self.drawn(_endpoint(name, endpoint)).require(), order=("late", name))
        with patch.object(discovery, "providers", lambda: {self.provider.name: self.provider}):
            return record(lambda: build_plan(alone), project="flights", stack_name="dev")

    def scope(self) -> Scope:
        return self.drawn().scopes["late"]

    def site(self, *more: Spec, of: str = "score", **endpoint: Any) -> Any:
        """Return what the verbs on a component need."""
        scope = self.drawn(_endpoint("score", endpoint), *more).scopes[of]
        return self.adapter.site.Site(OperationScope(**vars(scope), outputs={}))

    def deployment(self, **endpoint: Any) -> Any:
        return self.adapter.serving.Deployment.of(self.inputs(**endpoint))

    # What is done.

    def register(
        self,
        approval: str = "approved",
        *,
        digest: str | None = "",
        run: str = "",
        image: str = "",
        folder: str = "",
    ) -> int:
        """Register a version as a job does; return its number."""
        registry = self.adapter.registry
        count = len(self.listed()) + 1
        artifact = self.address(folder or f"runs/delay/run-{count}/model")
        policy = Approval.MANUAL if approval == "pending" else Approval.AUTOMATIC
        model = MODEL.model_copy(update={"approval": policy})
        request = self.adapter.model_request.register_version(
            model, self.scope(), artifact, None, f"run-{count}", image=image or self.image
        )
        kept = registry.Record(
            digest=digest_of(count) if digest == "" else digest,
            metrics={"auc": 0.5 + count / 100},
            job="delay",
            run_key=f"key{count}",
            author="mary",
        )
        return registry.upload(
            self.place,
            self.model,
            request["body"],
            run=run or f"run-{count}",
            record=kept,
            pause=self.call().wait,
        )

    def listed(self) -> Sequence[Any]:
        """Return the versions, newest first."""
        return self.adapter.registry.listed(self.place, self.model)

    def version(self, number: int) -> Any:
        return self.adapter.registry.version(self.place, self.model, number)

    def approve(self, number: int, approver: str = "ada", comment: str = "") -> Any:
        decide = self.adapter.registry.approve
        return decide(self.place, self.model, number, approver=approver, comment=comment)

    def reject(self, number: int) -> Any:
        decide = self.adapter.registry.reject
        return decide(self.place, self.model, number, approver="ada", comment="biased")

    def name(self, alias: str, number: int) -> None:
        """Give a version an alias."""
        self.adapter.registry.set_alias(self.place, self.model, alias, number)

    def alias(self) -> int | None:
        """Return the version that is the champion."""
        found = self.adapter.registry.aliased(self.place, self.model, "champion")
        return None if found is None else found.number

    def serve(self, number: int, **endpoint: Any) -> Any:
        """Promote a version of an endpoint that follows the champion."""
        self.save(**endpoint)
        return self.promote(number, **endpoint)

    def save(self, **endpoint: Any) -> None:
        """Write the endpoint's document."""
        self.adapter.serving.save(self.work(), self.deployment(**endpoint))

    def promote(self, number: int, work: Any = None, **endpoint: Any) -> Any:
        done = self.adapter.serving.promote
        return done(work or self.work(), self.deployment(**endpoint), number)

    def rollback(self, **endpoint: Any) -> Any:
        return self.adapter.serving.rollback(self.work(), self.deployment(**endpoint))

    def deploy(self, number: int, **endpoint: Any) -> None:
        """Deploy a version, and leave the alias."""
        self.adapter.serving.deploy(self.work(), self.deployment(**endpoint), number)

    def deploy_first(self, **endpoint: Any) -> Any:
        """Do what an approval starts."""
        return self.adapter.serving.deploy_first(self.work(), self.deployment(**endpoint))

    def converge(self, **endpoint: Any) -> Any:
        """Serve what is declared."""
        return self.adapter.serving.converge(self.work(), self.deployment(**endpoint))

    def undeploy(self, **endpoint: Any) -> None:
        """Take everything off the endpoint."""
        self.adapter.serving.undeploy(self.work(), self.deployment(**endpoint))

    def wake(self) -> Sequence[Any]:
        """Do what an approval does; return the runs that it starts."""
        return self.adapter.waking.wake(self.work(), self.model)

    def now(self) -> Any:
        """Return what is served."""
        found = self.adapter.serving.deployed(self.work(), self.deployment())
        assert found is not None
        return found

    def create(self, **endpoint: Any) -> tuple[str, dict[str, Any]]:
        """Let `up` create the `ModelDeployment`."""
        name, state = self.handler.create(self.inputs(**endpoint), self.call())
        return name, dict(state)

    def update(self, name: str, state: Mapping[str, Any], **endpoint: Any) -> Mapping[str, Any]:
        """Let `up` update the `ModelDeployment`."""
        return self.handler.update(name, state, self.inputs(**endpoint), self.call())

    @property
    def handler(self) -> Any:
        return self.adapter.model_deployment.ModelDeploymentHandler()

    def drift_of(self, name: str, state: Mapping[str, Any]) -> Any:
        """Return what a read says of other changes, which is a change if and only if it does."""
        found = self.handler.read(name, state, self.call())
        assert found is not None
        declared = {key: value for key, value in found.inputs.items() if key != DRIFT}
        change = self.handler.diff(found.state, found.inputs, declared)
        assert bool(change.changed) == (DRIFT in found.inputs)
        assert not change.replaces
        return found.inputs.get(DRIFT)

    def write(self, path: str, document: Any) -> None:
        self.adapter.documents.write(self.place, self.model.bucket, path, document)

    def paths(self, prefix: str) -> Sequence[str]:
        """Return which documents are in the store."""
        return self.adapter.documents.paths(self.place, self.model.bucket, prefix)

    def drop_document(self) -> None:
        """Let somebody remove the endpoint's document."""
        self.adapter.documents.remove(self.place, self.model.bucket, "deployments/score.json")

    @contextmanager
    def failing(self, reason: str) -> Generator[None]:
        """Let no container come up meanwhile."""
        self.containers.reason = reason
        try:
            yield
        finally:
            self.containers.reason = ""

    @abstractmethod
    def dying(self, at: str) -> AbstractContextManager[None]:
        """Let our process die of a call, once it was carried out."""

    def fault(self, kind: str, method: str, **more: Any) -> None:
        """Let the next call of a method, in our words, go wrong."""
        self.cloud.faults.ask(kind, self.methods[method], **more)

    # What somebody else does.

    @abstractmethod
    def relabel(self, **labels: str) -> None:
        """Mark the endpoint otherwise."""

    @abstractmethod
    def empty(self) -> None:
        """Take off what is served."""

    @abstractmethod
    def begin_change(self) -> None:
        """Change what is served as version 1; return before it has happened."""

    @abstractmethod
    def replicas(self, version: int, count: int) -> None:
        """Let the load have brought a version to so many replicas."""

    @abstractmethod
    def answered(self, *, well: int, badly: int) -> list[Any]:
        """Return what the cloud's monitoring says when a version has answered so often."""

    # What there is.

    def calls(self, *methods: str) -> list[str]:
        """Return which of some methods, in our words or the cloud's, were called; oldest first."""
        asked = ["/" + one["method"] for one in self.cloud.control("calls")]
        ends = {method: self.methods.get(method, method) for method in methods}
        return [
            word
            for one in asked
            for word, end in ends.items()
            if one.endswith((f"/{end}", f".{end}"))
        ]

    def changed(self) -> list[str]:
        """Return all calls that changed what is served."""
        return self.calls(*self.changes)

    @abstractmethod
    def endpoint(self) -> dict[str, Any]:
        """Return the endpoint, as the cloud tells of it."""

    @abstractmethod
    def drop_endpoint(self) -> None:
        """Remove the endpoint, as `destroy` does last; the cloud refuses if it serves anything."""

    @abstractmethod
    def deployed(self) -> list[str]:
        """Return what is on the endpoint, with or without traffic, such as `main-2`."""

    @abstractmethod
    def split(self) -> dict[int, int]:
        """Return the share of the traffic by version."""

    @abstractmethod
    def bounds(self, version: int) -> tuple[int, int]:
        """Return between how many replicas a version scales."""

    @abstractmethod
    def image_of(self, version: int) -> str:
        """Return the image that serves a version."""

    def copies(self) -> set[int] | None:
        """Return the versions of which the endpoint has a copy; `None` on a cloud without."""
        return None

    @abstractmethod
    def left_behind(self) -> list[Any]:
        """Return what is there but for versions, once nothing is served."""

    @abstractmethod
    def define_deploying(self) -> Sequence[str]:
        """Write what the declaration's deploy job is started by; return a run's arguments."""

    @abstractmethod
    def uploaded(self, model: str) -> list[str]:
        """Return the documents that the declaration of an endpoint registers."""


def digest_of(number: int) -> str:
    """Return the digest of a version's model."""
    return f"sha256:{number:064x}"


def _endpoint(name: str, wishes: Mapping[str, Any]) -> ModelEndpoint:
    fields: dict[str, Any] = {"model": "late@champion", **wishes}
    return ModelEndpoint(name, **fields)
