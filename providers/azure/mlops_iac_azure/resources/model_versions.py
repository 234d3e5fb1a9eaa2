"""`mlops-iac:azure:ModelVersions`: what is declared of a model, and the end of its versions."""

from mlops_iac.handlers.model_versions import ModelRecordHandler
from mlops_iac_azure import documents, registry
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import place_of


class ModelVersionsHandler(ModelRecordHandler):
    """Writes the model's record; the versions are the runs', and are archived with it."""

    token = "mlops-iac:azure:ModelVersions"  # noqa: S105
    documents, registry = documents, registry
    where_of = place_of
    told = told
