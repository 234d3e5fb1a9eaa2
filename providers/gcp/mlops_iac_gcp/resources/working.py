"""What one engine call about a resource of Vertex AI works with."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlops_iac.custom import Call
from mlops_iac.names import content_hash
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import ApiError, GcpError
from mlops_iac_gcp.session import Place, place_of

MARK = "mlops-iac-mark"
"""Label that says which resource a thing is of."""
_MARK_LENGTH = 20
_OPERATION = "operation"


@dataclass(frozen=True, kw_only=True)
class Work:
    """A place, the engine's call, and the mark of what it is about."""

    place: Place
    call: Call
    mark: str

    def ask(
        self,
        api: str,
        name: str,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool | None = None,
    ) -> dict[str, Any]:
        """Call a method; pauses end when the user stops the operation."""
        return rest.call(
            self.place, api, name, parameters, body, repeatable=repeatable, pause=self.call.wait
        )

    def end_of(self, api: str, answer: dict[str, Any], doing: str) -> dict[str, Any]:
        """Return what an answer comes to: itself, or its operation's response, once it ends.

        The operation's name is on disk before it is waited for.
        """
        if not is_operation(answer):
            return answer
        self.call.journal(_OPERATION, begun=answer["name"])
        return self.awaited(api, answer, doing)

    def resumed(self, api: str) -> dict[str, Any] | None:
        """Return what the operation comes to that an interrupted call has begun.

        `None` without one, and when it has failed or is forgotten: what it was to make is then
        looked for, and made again.
        """
        begun = (intent["facts"].get("begun") for intent in reversed(self.call.intents()))
        name = next((each for each in begun if each), None)
        if name is None:
            return None
        self.call.log(f"waiting for what an interrupted call has begun: {name}")
        try:
            return self.awaited(api, lro.get(self.place, api, name), "create")
        except ApiError:
            return None

    def others(self, api: str, name: str) -> None:
        """Wait for the operations on a thing that go on; their success is their owners'."""
        for operation in lro.pending(self.place, api, name, pause=self.call.wait):
            with suppress(ApiError):
                lro.wait(self.place, api, operation, pause=self.call.wait)

    def awaited(self, api: str, operation: Mapping[str, Any], doing: str) -> dict[str, Any]:
        """Return what an operation comes to; a call that is killed meanwhile leaves no trace."""
        wait, log = self.call.wait, self.call.log
        return lro.wait(self.place, api, operation, doing=doing, pause=wait, log=log)


def is_operation(answer: Mapping[str, Any]) -> bool:
    """Whether an answer is a long-running operation."""
    return "/operations/" in str(answer.get("name", ""))


def work_of(call: Call, fixed: Mapping[str, Any]) -> Work:
    """Return what a call works with; its mark is of the resource and of what it is fixed to.

    Raises:
        GcpError: the resource has no provider that says where it is.
    """
    for key in ("account", "region"):
        if not call.config.get(key):
            raise GcpError(
                f"`{call.name}`: the `mlops-iac` provider says no `{key}`",
                remedy="give the resource a `mlops_iac_gcp.resources.Provider` in its `opts`",
            )
    mark = content_hash([call.urn, dict(fixed)], _MARK_LENGTH)
    return Work(place=place_of(call.config), call=call, mark=mark)
