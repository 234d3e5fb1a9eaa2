"""Who stands on a platform: `mlops-iac:azure:PlatformUse` says so, `PlatformGuard` holds it.

A stack that uses another stack's platform leaves a mark in its store, under `consumers/`. The
guard is the last thing that a platform makes and the first that its `destroy` would remove: it
refuses while there is a mark, when nothing has been touched yet.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac_azure import documents
from mlops_iac_azure import place as paths
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import Place, place_of

CONSUMERS = "consumers/"
"""Where the marks lie in the bucket."""


class PlatformInUseError(AzureError):
    """A platform cannot go while stacks stand on it."""

    code = "platform.in-use"


class NameTakenError(AzureError):
    """Two stacks on one platform call a component the same."""

    code = "platform.name-taken"


class PlatformUseHandler(Handler):
    """Marks a platform as used by a stack, with the names of the components it has there."""

    token = "mlops-iac:azure:PlatformUse"  # noqa: S105
    replace_on = frozenset({"bucket", "project", "stack"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Leave or renew the mark; refuse names that another stack has on this platform.

        What a component makes lies under its name in the platform's bucket.
        """
        where, key = place_of(call.config), _key(inputs)
        call.journal("mark", bucket=inputs["bucket"], key=key)
        with told("marking the platform as used"):
            for other, mark in _marks(where, inputs["bucket"]):
                if other != key:
                    _refuse_same_names(mark, inputs)
            body = {name: inputs[name] for name in ("project", "stack", "components")}
            documents.write(where, inputs["bucket"], key, body)
        return f"{inputs['bucket']}/{key}", dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the mark as it lies there."""
        bucket, _, key = resource_id.partition("/")
        mark = documents.read(place_of(call.config), bucket, key)
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
        with told("taking the mark off the platform"):
            documents.remove(place_of(call.config), bucket, key)


class PlatformGuardHandler(Handler):
    """Refuses to go while the platform is used."""

    token = "mlops-iac:azure:PlatformGuard"  # noqa: S105
    replace_on = frozenset({"bucket"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Stand before the platform; nothing is made."""
        return inputs["bucket"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the guard: it is there as long as the bucket is."""
        with told("looking for the platform's store"):
            if not documents.bucket_exists(place_of(call.config), resource_id):
                return None
        inputs = {"bucket": resource_id}
        return Existing(id=resource_id, state=inputs, inputs=inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Let the platform go when nobody stands on it.

        Raises:
            PlatformInUseError: stacks do; nothing of the platform has been removed.
        """
        with told("asking who uses the platform"):
            marks = [mark for _, mark in _marks(place_of(call.config), resource_id)]
        users = [f"`{mark['project']}/{mark['stack']}`" for mark in marks]
        if users:
            raise PlatformInUseError(
                f"the platform is used by {', '.join(users)}; nothing was removed",
                remedy="destroy these stacks first; of one that is gone for good, remove the mark "
                f"under `{paths.uri(resource_id, CONSUMERS)}`",
            )


def _refuse_same_names(mark: Mapping[str, Any], inputs: Properties) -> None:
    taken = sorted({*mark["components"]} & {*inputs["components"]})
    if taken:
        named = ", ".join(f"`{name}`" for name in taken)
        raise NameTakenError(
            f"stack `{mark['project']}/{mark['stack']}` has {named} on this platform",
            remedy="rename the component in one of the two stacks",
        )


def _key(inputs: Properties) -> str:
    return f"{CONSUMERS}{inputs['project']}/{inputs['stack']}.json"


def _marks(where: Place, bucket: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in documents.paths(where, bucket, CONSUMERS):
        mark = documents.read(where, bucket, path)
        if mark is not None:
            yield path, mark
