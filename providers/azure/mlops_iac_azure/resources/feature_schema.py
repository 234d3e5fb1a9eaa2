"""`mlops-iac:azure:FeatureSchema`: what may never change of a feature group, judged before it is.

Table Storage takes rows of any columns, and each filling writes a history anew: nothing else would
refuse a change after which joins and readers find other columns than they were made for.
"""

from mlops_iac.custom import Call, Properties
from mlops_iac.feature_schema import FeatureSchema
from mlops_iac_azure import documents
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import place_of


class FeatureSchemaHandler(FeatureSchema):
    """The parts of a feature group that can only grow."""

    token = "mlops-iac:azure:FeatureSchema"  # noqa: S105

    def clear(self, state: Properties, call: Call) -> None:
        """Remove what fillings have left of the group in the store."""
        where, bucket = place_of(call.config), state["bucket"]
        with told(f"removing the history of `{state['component']}`"):
            for path in documents.paths(where, bucket, state["prefix"]):
                documents.remove(where, bucket, path)
