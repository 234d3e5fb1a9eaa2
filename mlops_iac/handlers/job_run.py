"""A run as a resource, keyed by all that decides its outcome."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac.errors import MlopsError
from mlops_iac.keyed_runs import FAILED, STOPPED, Execution, next_repetition, repeated
from mlops_iac.wishes import Candidate, wanted

WAITING = "waiting"
_OUTPUTS = frozenset(
    {"name", "run_id", "status", "model_version", "metrics", "parameters", "value", "place"}
)
_IDENTITY = frozenset({"job", "kind", "key", "pipeline"})


class Runs(Protocol):
    """A provider's module of runs. `where` is the provider's own place, `run` its own run."""

    def run_of_id(self, where: Any, run: str) -> Any | None:
        """Return the run of an id; `None` when there is none."""
        ...

    def runs_of_key(self, where: Any, pipeline: str, key: str) -> Iterator[Any]:
        """Yield the runs of a key, newest first."""
        ...

    def of_this_life(self, where: Any, bucket: str, known: Iterable[Any]) -> list[Any]:
        """Return those runs that began after their stack's store was made."""
        ...

    def start_body(self, where: Any, body: Mapping[str, Any], run: str, key: str) -> Any:
        """Start a run by the body of its request, or adopt the one of that id."""
        ...

    def finish(
        self,
        where: Any,
        run: Any,
        *,
        wait: Callable[[float], None],
        tell: Callable[[str], None],
        seconds: float,
    ) -> Any:
        """Wait for the end of a run."""
        ...

    def failure(self, where: Any, bucket: str, run: Any) -> str:
        """Return why a run failed."""
        ...

    def stop(self, where: Any, run: Any) -> None:
        """Stop a run; one that has ended stays as it is."""
        ...

    def outcome(self, where: Any, bucket: str, run: Any) -> Any:
        """Return what a run made: its model's version, metrics, parameters and value."""
        ...


class Places(Protocol):
    """A provider's module of the places where it works."""

    def place_of(self, config: Mapping[str, Any]) -> Any:
        """Return the place that the configuration of our Pulumi provider names."""
        ...

    def document(self, place: Any) -> dict[str, Any]:
        """Return a place as JSON-like values."""
        ...

    def from_document(self, told: Mapping[str, Any]) -> Any:
        """Return the place of which `document` has told."""
        ...


class KeyedRunHandler(Handler):
    """One run per key: `up` runs a job exactly when something that matters changed."""

    replace_on = _IDENTITY
    runs: ClassVar[Runs]
    places: ClassVar[Places]
    failed: ClassVar[type[MlopsError]]
    """Raised when a run failed, or was stopped; it stays so under its key."""
    id_parameter: ClassVar[str]
    """Parameter of the request that starts a run which holds its id."""

    @abstractmethod
    def versions(self, where: Any, bucket: str, reads: Mapping[str, Any]) -> Sequence[Candidate]:
        """Return the versions of the model that a run reads, newest first."""

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Only another key is another run; a run that waits goes on when its model is there."""
        # An imported run tells no more than what names it: the rest changes no run.
        changed = tuple(sorted(key for key in _IDENTITY if old.get(key) != new.get(key)))
        if changed:
            return Change(changed=changed, replaces=changed)
        if state.get("status") == WAITING:
            where = self.places.from_document(state["place"])
            return Change(changed=("status",) if self._can_start(where, new) else ())
        return Change()

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Start the run, or adopt the one that its key has; a failed key fails without a run.

        A run that reads an alias waits, without a job, for the first approved version.
        """
        where = self.places.place_of(call.config)
        if not self._can_start(where, inputs):
            call.log(f"{inputs['job']} waits for an approved version of its model")
            return f"{WAITING}/{inputs['key']}", self._waiting(inputs, where)
        run = self._run(where, inputs, call)
        return run.name, self._state(where, inputs, run)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the run as it is now; gone when the service no longer knows it."""
        where = self.places.place_of(call.config)
        if state.get("status") == WAITING:
            return Existing(id=resource_id, state=state, inputs=_declared(state))
        # The id of a run that has waited is older than its job.
        name = state.get("name") or resource_id
        run: Execution | None = self.runs.run_of_id(where, name.rpartition("/")[2])
        if run is None:
            return None
        inputs = _declared(state) or _imported(run)
        return Existing(id=resource_id, state=self._state(where, inputs, run), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Start what waited for its model."""
        where = self.places.place_of(call.config)
        if not self._can_start(where, inputs):
            return self._waiting(inputs, where)
        return self._state(where, inputs, self._run(where, inputs, call))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the run when it still runs; its record stays: it is history."""
        where = self.places.place_of(call.config)
        if state.get("name") is None:
            return
        run = self.runs.run_of_id(where, state["run_id"])
        if run is not None:
            self.runs.stop(where, run)

    def _run(self, where: Any, inputs: Properties, call: Call) -> Execution:
        known = list(self.runs.runs_of_key(where, inputs["pipeline"], inputs["key"]))
        # A repetition that somebody asked for counts as the key's run.
        run = next(iter(self.runs.of_this_life(where, inputs["bucket"], known)), None)
        if run is None:
            (start, *_) = inputs["requests"]
            first = start["params"][self.id_parameter]
            name = repeated(first, next_repetition(known))
            call.journal("start", run=name, key=inputs["key"])
            run = self.runs.start_body(where, start["body"], name, inputs["key"])
        if inputs["wait"] == "finished":
            run = self.runs.finish(
                where, run, wait=call.wait, tell=call.log, seconds=inputs["timeout_seconds"]
            )
        if run.status in {FAILED, STOPPED}:
            reason = self.runs.failure(where, inputs["bucket"], run)
            raise self.failed(
                f"run `{run.id}` of `{inputs['job']}` {run.status}: {reason}",
                remedy=f"correct it and run `up` again; or `mlops-iac run {inputs['job']} --again`",
            )
        return run

    def _can_start(self, where: Any, inputs: Properties) -> bool:
        """Whether the version that a run reads is there; one that reads none can always start."""
        reads: Mapping[str, Any] | None = inputs.get("reads")
        if reads is None:
            return True
        return wanted(self.versions(where, inputs["bucket"], reads), reads) is not None

    def _waiting(self, inputs: Properties, where: Any) -> dict[str, Any]:
        return {**inputs, "status": WAITING, "place": self.places.document(where)}

    def _state(self, where: Any, inputs: Properties, run: Execution) -> dict[str, Any]:
        made = self.runs.outcome(where, inputs["bucket"], run)
        version = None if made.model_version is None else str(made.model_version)
        return {
            **_declared(inputs),
            "name": run.name,
            "run_id": run.id,
            "status": run.status,
            "model_version": version,
            "metrics": dict(made.metrics),
            "parameters": dict(made.parameters),
            "value": made.value,
            "place": self.places.document(where),
        }


def _imported(run: Execution) -> dict[str, Any]:
    return {
        "job": run.component,
        "kind": run.kind,
        "key": run.key,
        "pipeline": run.id.rpartition("-")[0],
        "bucket": run.bucket,
    }


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _OUTPUTS}
