"""Making one thing of a collection exactly once, however often it is tried.

The intent, then the name of the long-running operation, are in the journal before anybody waits.
The thing carries a mark made of the resource's URN: in its id where the caller chooses that, else
in a label; one that carries neither is found by its display name and the time of the intent.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.custom import Properties
from mlops_iac.names import physical_name
from mlops_iac_gcp import lro, rest
from mlops_iac_gcp.errors import ApiError, NotOursError, UnreachedError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.resources.kind import NAME, Kind
from mlops_iac_gcp.resources.working import MARK, Work

CLOCK_SKEW_SECONDS = 60.0
"""By how much this machine's clock and Google's may differ."""
TRIES = 5
"""Of a create whose answer is lost, each after a look for what it may have made."""
_CREATE = "create"
_LOST = frozenset({500, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class Creation:
    """One thing to be made, or found."""

    kind: Kind
    work: Work
    inputs: Properties
    parent: str
    body: Mapping[str, Any]

    def made(self) -> dict[str, Any]:
        """Return the thing: what an interrupted call has made, or a new one."""
        return self._resumed() or self._found() or self._created()

    @property
    def wanted(self) -> str | None:
        """The id: the program's choice, else one that tells whose it is."""
        kind = self.kind
        if kind.id_input is None or kind.id_rule is None:
            return None
        chosen = self.inputs.get(kind.id_input)
        name = [self.work.call.name]
        return chosen or physical_name(kind.id_rule, name, content=self.work.mark)

    def got(self, name: str) -> dict[str, Any] | None:
        """Return a thing as it is now, or `None`."""
        kind = self.kind
        return found(self.work.ask, kind.api, f"{kind.collection}.get", {NAME: name})

    # --- what an interrupted call has left

    def _resumed(self) -> dict[str, Any] | None:
        world = self.work.resumed(self.kind.api)
        if world is None or NAME not in world:
            return None
        name = str(world[NAME])
        if name.split("/")[-2] != self.kind.plural:
            return None  # of what the thing stands on: not ours to take or to remove
        if self.wanted in {None, name.rpartition("/")[2]}:
            return self.got(name)
        # The declaration has changed since; what was made for the old one is nobody's.
        answer = found(self.work.ask, self.kind.api, f"{self.kind.collection}.delete", {NAME: name})
        if answer is not None:
            self.work.end_of(self.kind.api, answer, f"delete of {name}")
        return None

    def _found(self) -> dict[str, Any] | None:
        """Return the thing that carries this resource's mark, where the service numbers things."""
        if self.kind.id_input is not None:
            return None
        if self.kind.has_labels:
            return self._listed(f'labels.{MARK}="{self.work.mark}"')
        intents = [each for each in self.work.call.intents() if each["operation"] == _CREATE]
        return self._since(float(intents[0]["time"])) if intents else None

    def _since(self, began: float) -> dict[str, Any] | None:
        """Return what carries the display name and was made after `began`."""
        world = self._listed(f'display_name="{self.inputs["displayName"]}"')
        if world is None or _time(world["createTime"]) < began - CLOCK_SKEW_SECONDS:
            return None
        return world

    def _listed(self, wanted: str) -> dict[str, Any] | None:
        kind = self.kind
        parameters = {"parent": self.parent, "filter": wanted}
        list_name = f"{kind.collection}.list"
        things = rest.listed(self.work.place, kind.api, list_name, parameters, kind.plural)
        return max(things, key=lambda each: str(each.get("createTime", "")), default=None)

    # --- a new one

    def _created(self) -> dict[str, Any]:
        call, wanted = self.work.call, self.wanted
        call.journal(_CREATE, id=wanted, mark=self.work.mark)
        call.log(f"creating {self.kind.title} `{wanted or call.name}`")
        return self._with_id(wanted) if wanted is not None else self._numbered()

    def _with_id(self, wanted: str) -> dict[str, Any]:
        while True:
            # Sent again, one with an id of ours says that it is there already.
            try:
                return self._ended(self._sent({str(self.kind.id_input): wanted}, repeatable=True))
            except ApiError as error:
                if not is_taken(error):
                    raise
            world = self.got(self._named(wanted))
            if world is not None:
                return self._adopted(world, wanted)
            # Its creation, whose answer was lost, still goes on; should it fail, the next will not.
            self.work.call.wait(lro.FIRST_POLL_SECONDS)

    def _numbered(self) -> dict[str, Any]:
        for attempt in range(TRIES):
            try:
                return self._ended(self._sent({}, repeatable=False))
            except (ApiError, UnreachedError) as error:
                world = self._left_by(error)
                if world is not None:
                    return world
                if attempt == TRIES - 1:
                    raise
            self.work.call.wait(random.uniform(0, rest.FIRST_PAUSE_SECONDS * 2**attempt))  # noqa: S311  no secret
        raise AssertionError  # the last try returns or raises

    def _left_by(self, error: ApiError | UnreachedError) -> dict[str, Any] | None:
        """Return the thing of a create whose answer is lost; raise what is a real refusal."""
        if isinstance(error, ApiError) and error.http not in _LOST:
            raise error
        if self.kind.has_labels:
            return self._found()
        return self._since(datetime.now().astimezone().timestamp())

    def _sent(self, identity: Mapping[str, Any], *, repeatable: bool) -> dict[str, Any]:
        kind, parameters = self.kind, {"parent": self.parent, **identity}
        name = f"{kind.collection}.create"
        return self.work.ask(kind.api, name, parameters, self.body, repeatable=repeatable)

    def _ended(self, answer: dict[str, Any]) -> dict[str, Any]:
        world = self.work.end_of(self.kind.api, answer, f"create of {self.kind.title}")
        # Not every operation's response has the name of what it has made.
        name = str(world.get(NAME) or self._named(str(self.wanted)))
        return self.got(name) or world

    def _named(self, wanted: str) -> str:
        return f"{self.parent}/{self.kind.plural}/{wanted}"

    def _adopted(self, world: dict[str, Any], wanted: str) -> dict[str, Any]:
        """Return the thing of that id that is there already, if it is ours.

        Raises:
            NotOursError: somebody else has made it.
        """
        if self.inputs.get(str(self.kind.id_input)) and not self._is_ours(world, wanted):
            raise NotOursError(
                f"{self.kind.title} `{world[NAME]}` exists and is not of this resource",
                remedy=f"choose another `{self.kind.id_input}`, or import it by its name",
            )
        return world

    def _is_ours(self, world: Mapping[str, Any], wanted: str) -> bool:
        told = (intent["facts"] for intent in self.work.call.intents())
        has_mark = world.get("labels", {}).get(MARK) == self.work.mark
        return has_mark or any(facts.get("id") == wanted for facts in told)


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
