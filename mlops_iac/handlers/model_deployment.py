"""What an endpoint serves, as a resource; owned here, by a policy."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.handlers.telling import TellingHandler

WAITING, SERVING = "waiting", "serving"
DRIFT = "drift"
"""Input that a read adds when the world is not as it was left: the next `up` sees a change."""


class Deployment(Protocol):
    """What is asked of one endpoint."""

    @property
    def endpoint(self) -> str:
        """Its name in the service."""
        ...

    @property
    def component(self) -> str:
        """Its name in the declaration."""
        ...

    @property
    def bucket(self) -> str:
        """The store in which its record lies."""
        ...


class Serving(Protocol):
    """A provider's package of what endpoints serve; `work` and `asked` are its own."""

    def save(self, work: Any, asked: Any, /) -> Any:
        """Write the record of what is asked."""
        ...

    def is_saved(self, work: Any, asked: Any, /) -> bool:
        """Whether that record is there."""
        ...

    def document_of(self, work: Any, resource_id: str, /) -> Mapping[str, Any] | None:
        """Return what was asked of an endpoint, from its record."""
        ...

    def deployed(self, work: Any, asked: Any, /) -> Any:
        """Return what is served; `None` when nothing is."""
        ...

    def drift(self, work: Any, asked: Any, now: Any, /, *, was_serving: bool) -> str | None:
        """Return in words how the world differs from how it was left."""
        ...

    def converge(self, work: Any, asked: Any, /) -> Any:
        """Deploy what the policy asks for; return what is served then."""
        ...

    def undeploy(self, work: Any, asked: Any, /) -> Any:
        """Take everything off the endpoint, and remove its copies."""
        ...


class ServedModelHandler(TellingHandler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others.

    Its id is `STORE/COMPONENT`.
    """

    replace_on = frozenset({"endpoint"})
    serving: ClassVar[Serving]
    facts: ClassVar[tuple[str, ...]] = ("version", "digest", "challenger")
    """Attributes of what is deployed that are outputs."""
    shares: ClassVar[tuple[str, ...]] = ("split",)
    """Those of them that map deployments to shares of the traffic."""

    @abstractmethod
    def asked(self, inputs: Properties) -> Deployment:
        """Return what the inputs ask for."""

    @abstractmethod
    def work(self, call: Call) -> Any:
        """Return what deploying may use."""

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write the document and deploy what the policy asks for, or adopt what is deployed."""
        work, asked = self.work(call), self.asked(inputs)
        call.journal("deploy", endpoint=asked.endpoint)
        with self._told(f"deploying `{asked.component}`"):
            self.serving.save(work, asked)
            call.exists(_id(asked), self._state(inputs, None))
            return _id(asked), self._state(inputs, self.serving.converge(work, asked))

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what is served. Another *approved* version is no drift under an alias."""
        work = self.work(call)
        with self._told(f"reading `{resource_id}`"):
            inputs = self._declared(state) or self.serving.document_of(work, resource_id)
            if inputs is None:
                return None
            asked = self.asked(inputs)
            now = self.serving.deployed(work, asked)
            if now is None and not self.serving.is_saved(work, asked):
                return None
            was_serving = state.get("state") == SERVING
            marked = _marked(self.serving.drift(work, asked, now, was_serving=was_serving))
        fresh = {**self._state(inputs, now), **marked}
        return Existing(id=resource_id, state=fresh, inputs={**inputs, **marked})

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Converge: zero downtime, the version and the number of replicas kept."""
        work, asked = self.work(call), self.asked(inputs)
        with self._told(f"deploying `{asked.component}`"):
            self.serving.save(work, asked)
            return self._state(inputs, self.serving.converge(work, asked))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Take everything off the endpoint, and remove its copies, also what the loop deployed."""
        asked = self.asked(self._declared(state))
        with self._told(f"emptying `{asked.component}`"):
            self.serving.undeploy(self.work(call), asked)

    def _declared(self, state: Properties) -> dict[str, Any]:
        made = {"state", DRIFT, *self.facts, *self.shares}
        return {key: value for key, value in state.items() if key not in made}

    def _state(self, inputs: Properties, now: Any) -> dict[str, Any]:
        served = now is not None
        return {
            **self._declared(inputs),
            "state": SERVING if served else WAITING,
            **{name: getattr(now, name) if served else None for name in self.facts},
            **{name: dict(getattr(now, name)) if served else None for name in self.shares},
        }


def _id(asked: Deployment) -> str:
    return f"{asked.bucket}/{asked.component}"


def _marked(drift: str | None) -> Mapping[str, Any]:
    return {DRIFT: drift} if drift else {}
