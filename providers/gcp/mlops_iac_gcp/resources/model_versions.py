"""`mlops-iac:gcp:ModelVersions`: what is declared of a model, and the end of its versions."""

from mlops_iac.handlers.model_versions import ModelRecordHandler
from mlops_iac_gcp import documents, registry
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import place_of


class ModelVersionsHandler(ModelRecordHandler):
    """Writes the model's record; the versions are the runs', and are removed with it."""

    token = "mlops-iac:gcp:ModelVersions"  # noqa: S105
    documents, registry = documents, registry
    where_of = place_of
    told = told
