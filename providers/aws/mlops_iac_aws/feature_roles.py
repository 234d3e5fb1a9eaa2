"""The two roles of a feature group: of the store that keeps it, and of the job that fills it."""

from typing import Any
from urllib.parse import urlsplit

from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import Dataset, FeatureGroup
from mlops_iac_aws import names, place
from mlops_iac_aws.grants import Facts
from mlops_iac_aws.identities import register_component_role

STORE, FILL = "store", "fill"
"""Rows of `grants.SERVICE_STATEMENTS`."""
_DATABASE = "sagemaker_featurestore"


def register_roles(spec: FeatureGroup, context: BuildContext) -> list[Any]:
    """Register both roles; return what the group and its filling wait for."""
    about = f"{spec.name} of {context.project} in {context.stack}"
    own = feature_facts(spec, context)
    store, fill = names.store_role(spec.name), names.fill_role(spec.name)
    return [
        register_component_role(context, store, STORE, f"Keeps the features {about}", own),
        register_component_role(context, fill, FILL, f"Fills the features {about}", own),
    ]


def feature_facts(spec: FeatureGroup, scope: Scope) -> Facts:
    """Return the facts that narrow both roles to one group."""
    own = f"{place.bucket_arn(scope)}/{place.features_key(spec.name)}"
    log_group = place.arn(scope, "logs", f"log-group:{place.PROCESSING_LOG_GROUP}")
    return {
        "feature_group": (place.feature_group_arn(scope, spec.name),),
        "feature_objects": (f"{own}*",),
        "offline_objects": (f"{own}offline/*",) if spec.offline else (),
        "offline_metadata": (f"{own}offline/*/metadata/*",) if spec.offline else (),
        "feature_tables": _tables(spec, scope) if spec.offline else (),
        "fill_reports": (f"{place.bucket_arn(scope)}/runs/{spec.name}/*",),
        "log_groups": (log_group,),
        **_data(spec, scope),
    }


def _tables(spec: FeatureGroup, scope: Scope) -> tuple[str, ...]:
    # SageMaker names the table after the group and the second in which it was made.
    table = names.feature_group(scope, spec.name).replace("-", "_") + "_*"
    paths = ("catalog", f"database/{_DATABASE}", f"table/{_DATABASE}/{table}")
    return tuple(place.arn(scope, "glue", path) for path in paths)


def _data(spec: FeatureGroup, scope: Scope) -> Facts:
    source = scope.specs.get(str(spec.data.name))
    bucket = place.bucket_arn(scope)
    if not isinstance(source, Dataset):
        return {"fill_data": (f"{bucket}/data/{spec.data.name}/*",), "fill_buckets": ()}
    if not source.is_remote:
        return {"fill_data": (f"{bucket}/datasets/{source.name}/*",), "fill_buckets": ()}
    address = urlsplit(source.source)
    remote = f"arn:{place.PARTITION}:s3:::{address.netloc}"
    return {"fill_data": (f"{remote}/{address.path.strip('/')}*",), "fill_buckets": (remote,)}
