"""The run-time verbs on AWS, by boto3."""

from mlops_iac.verbs.operations import CloudOperations, Verbs
from mlops_iac_aws.verbs import (
    endpoints,
    features,
    logs,
    monitors,
    predict,
    records,
    status,
    versions,
)
from mlops_iac_aws.verbs.site import Site


class AwsOperations(CloudOperations):
    """The run-time verbs of one stack."""

    verbs = Verbs(
        site=Site,
        endpoints=endpoints,
        features=features,
        logs=logs,
        monitors=monitors,
        predict=predict,
        records=records,
        status=status,
        versions=versions,
    )
