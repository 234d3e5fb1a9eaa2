"""`mlops-iac:gcp:FeatureSchema`: what may never change of a feature group, judged before it is.

BigQuery adds columns in place; Pulumi's table would be replaced, and lose its rows, for any other
change of its columns. The table waits for this resource, so a refusal here comes first.
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Iterator, Mapping

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac_gcp import documents
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import place_of

_FIXED: Mapping[str, str] = {"entities": "`entities`", "event_time": "`event_time`"}
"""Inputs that a group keeps for ever, and the field of the declaration that each comes from."""


class FeatureSchemaError(GcpError):
    """A change would cost a feature group its values."""

    code = "gcp.feature-schema"


class FeatureSchemaHandler(Handler):
    """The parts of a feature group that can only grow."""

    token = "mlops-iac:gcp:FeatureSchema"  # noqa: S105
    replace_on = frozenset({"table"})

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
        """Remove what fillings have left of the group in the bucket."""
        where, bucket = place_of(call.config), state["bucket"]
        with told(f"removing the history of `{state['component']}`"):
            for path in documents.paths(where, bucket, state["prefix"]):
                documents.remove(where, bucket, path)


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
