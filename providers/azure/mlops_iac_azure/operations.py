"""The run-time verbs on Azure, by REST."""

from mlops_iac.verbs.operations import CloudOperations, Verbs
from mlops_iac_azure.verbs import features, logs, predict, records, status
from mlops_iac_azure.verbs.site import Site


class AzureOperations(CloudOperations):
    """The run-time verbs of one stack."""

    verbs = Verbs(
        site=Site, features=features, logs=logs, predict=predict, records=records, status=status
    )
