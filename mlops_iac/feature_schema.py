"""What may never change of a feature group, judged before it is.

A store adds columns in place; a group that loses one, or has one of another type, would lose its
values. What makes the stores waits for this resource, so a refusal here comes first.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from abc import abstractmethod
from collections.abc import Iterator, Mapping

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac.errors import MlopsError

_FIXED: Mapping[str, str] = {"entities": "`entities`", "event_time": "`event_time`"}
"""Inputs that a group keeps for ever, and the field of the declaration that each comes from."""


class FeatureSchemaError(MlopsError):
    """A change would cost a feature group its values."""

    code = "feature-schema"


class FeatureSchema(Handler):
    """The parts of a feature group that can only grow.

    Its inputs are `component`, `table`, `entities`, `event_time`, `columns` (type by name),
    `bucket`, and the `prefix` of what fillings leave in it.
    """

    replace_on = frozenset({"table"})

    @abstractmethod
    def clear(self, state: Properties, call: Call) -> None:
        """Remove what fillings have left of the group under its prefix."""

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare, and refuse what would cost the group its data.

        Raises:
            FeatureSchemaError: names each feature that is gone or of another type, and each
                fixed part.
        """
        change = super().diff(state, old, new)
        if not change.replaces and (faults := list(_faults(old, new))):
            raise FeatureSchemaError(
                f"feature group `{new['component']}` cannot change so and keep its values: "
                + "; ".join(faults),
                remedy="take the change back, or declare a group of another name beside it",
            )
        return change

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Note what the group is; it is made after this."""
        return inputs["table"], dict(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what was noted.

        Raises:
            FeatureSchemaError: nothing was: it cannot be imported.
        """
        if state:
            return Existing(id=resource_id, state=dict(state), inputs=dict(state))
        raise FeatureSchemaError(
            f"the schema of `{resource_id}` cannot be imported",
            remedy="import the table itself; `mlops-iac up` notes its schema",
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Note what the group is now; columns are added by the table itself."""
        return dict(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove what fillings have left of the group."""
        self.clear(state, call)


def _faults(old: Properties, new: Properties) -> Iterator[str]:
    for name, field in _FIXED.items():
        if name in old and name in new and old[name] != new[name]:
            yield f"{field} was `{old[name]}` and would be `{new[name]}`"
    before, now = old.get("columns", {}), new.get("columns", {})
    for name, kind in before.items():
        if name not in now:
            yield f"`{name}` would be gone"
        elif now[name] != kind:
            yield f"`{name}` is `{kind}` and would be `{now[name]}`"
