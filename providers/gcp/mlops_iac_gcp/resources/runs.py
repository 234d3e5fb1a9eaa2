"""Runs: jobs and pipelines, which happen once; what is declared is one run, not a definition.

A change of the declaration, or of `key`, is another run. A failed one stays failed: the next `up`
says so again and starts nothing. Deleting the resource keeps the run's history, unless the program
wants it cancelled or deleted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac.custom import Cancelled, InputFailure, Properties
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import ApiError, GcpError
from mlops_iac_gcp.faults import found, operation_error
from mlops_iac_gcp.resources.collection import CollectionHandler
from mlops_iac_gcp.resources.kind import NAME
from mlops_iac_gcp.resources.working import Work

KEY, WAIT, ON_DELETE, CANCEL = "key", "wait", "onDelete", "cancelOnStop"
OWN = frozenset({WAIT, ON_DELETE, CANCEL})
SUBMITTED, FINISHED = "submitted", "finished"
KEEP, STOP, DELETE = "keep", "cancel", "delete"
_WORDS: Mapping[str, tuple[Any, ...]] = {
    WAIT: (SUBMITTED, FINISHED),
    ON_DELETE: (KEEP, STOP, DELETE),
    CANCEL: (True, False),
}
_GOOD = frozenset({"SUCCEEDED", "PARTIALLY_SUCCEEDED"})
_ENDED = _GOOD | {"FAILED", "CANCELLED", "EXPIRED"}


class RunFailedError(GcpError):
    """A run has failed; it stays so under its key."""

    code = "gcp.run-failed"


class RunHandler(CollectionHandler):
    """Starts a run once, adopts it, waits if wanted, and keeps its history."""

    def check(self, inputs: Properties) -> Sequence[InputFailure]:
        """Refuse what the API's document refuses, and words of ours that do not exist."""
        wrong = [
            InputFailure(property=key, reason=f"`{key}` is `{inputs[key]}`, not one of {words}")
            for key, words in _WORDS.items()
            if inputs.get(key) is not None and inputs[key] not in words
        ]
        return [*super().check(inputs), *wrong]

    def settled(self, work: Work, inputs: Properties, world: dict[str, Any]) -> dict[str, Any]:
        """Wait for the run's end, when the program wants that.

        Raises:
            RunFailedError: it has not succeeded.
        """
        if inputs.get(WAIT) != FINISHED:
            return world
        try:
            ended = self._ended(work, world)
        except Cancelled:
            if inputs.get(CANCEL):
                # By itself: the call's own pauses end at once now.
                parameters = {NAME: world[NAME]}
                rest.call(work.place, self.kind.api, self._cancel_method, parameters, {})
            raise
        if state_of(ended) not in _GOOD:
            raise RunFailedError(
                f"{self.kind.title} `{ended[NAME]}` ended as {state_of(ended)}: {_reason(ended)}",
                remedy="look at its logs; change the declaration, or `key`, to run again",
            )
        return ended

    def removed(self, work: Work, name: str, state: Properties) -> None:
        """Keep the run's history; cancel or delete it when the program says so."""
        wanted = state.get(ON_DELETE) or KEEP
        world = self._got(work, name)
        if wanted == KEEP or world is None:
            work.call.log(f"the history of {name} stays")
            return
        if state_of(world) not in _ENDED:
            self._cancel(work, name)
            self._ended(work, world)
        if wanted == DELETE:
            super().removed(work, name, state)

    @property
    def _cancel_method(self) -> str:
        return f"{self.kind.collection}.cancel"

    def _ended(self, work: Work, world: dict[str, Any]) -> dict[str, Any]:
        seconds, told = lro.FIRST_POLL_SECONDS, ""
        while state_of(world) not in _ENDED:
            if state_of(world) != told:
                told = state_of(world)
                work.call.log(f"{world[NAME]}: {told.lower()}")
            work.call.wait(seconds)
            seconds = min(seconds * 1.5, lro.LONGEST_POLL_SECONDS)
            now = self._got(work, str(world[NAME]))
            if now is None:
                raise RunFailedError(f"`{world[NAME]}` was deleted while it ran")
            world = now
        return world

    def _cancel(self, work: Work, name: str) -> None:
        try:
            found(work.ask, self.kind.api, self._cancel_method, {NAME: name}, {})
        except ApiError as error:
            # It has ended meanwhile.
            if error.status != "FAILED_PRECONDITION":
                raise


def state_of(world: Mapping[str, Any]) -> str:
    """Return the state without its prefix: `JOB_STATE_` and `PIPELINE_STATE_` mean the same."""
    return str(world.get("state", "PENDING")).rpartition("STATE_")[2]


def _reason(world: Mapping[str, Any]) -> str:
    error = world.get("error")
    return operation_error("run", error).said if error else "no reason was given"
