"""`mlops-iac:gcp:FeatureSchema`: what may never change of a feature group, judged before it is.

BigQuery adds columns in place; Pulumi's table would be replaced, and lose its rows, for any other
change of its columns.
"""

from mlops_iac.custom import Call, Properties
from mlops_iac.feature_schema import FeatureSchema
from mlops_iac_gcp import documents
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import place_of


class FeatureSchemaHandler(FeatureSchema):
    """The parts of a feature group that can only grow."""

    token = "mlops-iac:gcp:FeatureSchema"  # noqa: S105

    def clear(self, state: Properties, call: Call) -> None:
        """Remove what fillings have left of the group in the bucket."""
        where, bucket = place_of(call.config), state["bucket"]
        with told(f"removing the history of `{state['component']}`"):
            for path in documents.paths(where, bucket, state["prefix"]):
                documents.remove(where, bucket, path)
