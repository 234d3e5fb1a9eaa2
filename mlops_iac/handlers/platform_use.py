"""Who stands on a platform: `PlatformUse` says so, `PlatformGuard` holds it.

A stack that uses another stack's platform leaves a mark in its store, under `consumers/`. The
guard is the last thing that a platform makes and the first that its `destroy` would remove: it
refuses while there is a mark, when nothing has been touched yet.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.errors import MlopsError
from mlops_iac.handlers.stores import StoreHandler

CONSUMERS = "consumers/"
"""Where the marks lie in the store."""


class PlatformInUseError(MlopsError):
    """A platform cannot go while stacks stand on it."""

    code = "platform.in-use"


class NameTakenError(MlopsError):
    """Two stacks on one platform call a component the same."""

    code = "platform.name-taken"


class PlatformHandler(StoreHandler):
    """Knows the marks on a platform."""

    uri: ClassVar[Callable[[str, str], str]]
    """Returns the address of a path in a store, as people are shown it."""

    def _marks(self, call: Call, bucket: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        where = self._where(call)
        for path in self.documents.paths(where, bucket, CONSUMERS):
            mark = self.documents.read(where, bucket, path)
            if mark is not None:
                yield path, mark


class MarkHandler(PlatformHandler):
    """Marks a platform as used by a stack, with the names of the components it has there."""

    replace_on = frozenset({"bucket", "project", "stack"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Leave or renew the mark; refuse names that another stack has on this platform.

        What a component makes lies under its name in the platform's store.
        """
        bucket, key = inputs["bucket"], f"{CONSUMERS}{inputs['project']}/{inputs['stack']}.json"
        call.journal("mark", bucket=bucket, key=key)
        with self._told("marking the platform as used"):
            for other, mark in self._marks(call, bucket):
                if other != key:
                    _refuse_same_names(mark, inputs)
            body = {name: inputs[name] for name in ("project", "stack", "components")}
            self.documents.write(self._where(call), bucket, key, body)
        return f"{bucket}/{key}", dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the mark as it lies there."""
        bucket, _, key = resource_id.partition("/")
        mark = self.documents.read(self._where(call), bucket, key)
        if mark is None:
            return None
        inputs = {"bucket": bucket, **mark}
        return Existing(id=resource_id, state=inputs, inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write the names anew."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Take the mark away."""
        bucket, _, key = resource_id.partition("/")
        with self._told("taking the mark off the platform"):
            self.documents.remove(self._where(call), bucket, key)


class GuardHandler(PlatformHandler):
    """Refuses to go while the platform is used."""

    replace_on = frozenset({"bucket"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Stand before the platform; nothing is made."""
        return inputs["bucket"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the guard: it is there as long as the store is."""
        with self._told("looking for the platform's store"):
            if not self.documents.bucket_exists(self._where(call), resource_id):
                return None
        inputs = {"bucket": resource_id}
        return Existing(id=resource_id, state=inputs, inputs=inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Let the platform go when nobody stands on it.

        Raises:
            PlatformInUseError: stacks do; nothing of the platform has been removed.
        """
        with self._told("asking who uses the platform"):
            marks = [mark for _, mark in self._marks(call, resource_id)]
        if marks:
            users = ", ".join(f"`{mark['project']}/{mark['stack']}`" for mark in marks)
            raise PlatformInUseError(
                f"the platform is used by {users}; nothing was removed",
                remedy="destroy these stacks first; of one that is gone for good, remove the mark "
                f"under `{type(self).uri(resource_id, CONSUMERS)}`",
            )


def _refuse_same_names(mark: Mapping[str, Any], inputs: Properties) -> None:
    taken = sorted({*mark["components"]} & {*inputs["components"]})
    if taken:
        named = ", ".join(f"`{name}`" for name in taken)
        raise NameTakenError(
            f"stack `{mark['project']}/{mark['stack']}` has {named} on this platform",
            remedy="rename the component in one of the two stacks",
        )
