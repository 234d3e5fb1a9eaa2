"""The run-time verbs on Google Cloud, by REST."""

from mlops_iac.verbs.operations import CloudOperations, Verbs
from mlops_iac_gcp.verbs import features, logs, predict, records, status
from mlops_iac_gcp.verbs.site import Site


class GcpOperations(CloudOperations):
    """The run-time verbs of one stack."""

    verbs = Verbs(
        site=Site, features=features, logs=logs, predict=predict, records=records, status=status
    )
