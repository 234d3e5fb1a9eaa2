"""What the documents refuse, the cloud refuses; its own table is made of their methods.

Limit: the documents do not say everything that Google refuses.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.faults import FaultKind
from tests.clouds.gcp import README
from tests.clouds.gcp.control import ROUTES
from tests.clouds.gcp.parts import handlers, parts
from tests.clouds.gcp.routes import SERVICES, by_id
from tests.clouds.gcp.running import Cloud, Refused
from tests.clouds_gcp import asking

JOB = asking.custom_job()
_SPEC = JOB["jobSpec"]["workerPoolSpecs"][0]


def _with_pool(**change: Any) -> Any:
    return {**JOB, "jobSpec": {"workerPoolSpecs": [{**_SPEC, **change}]}}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("endpoints", {"displayNam": "x"}, "'displayNam': is not a member"),
        ("endpoints", {}, "'displayName': is required"),
        ("endpoints", {"displayName": 3}, "'displayName': expects string"),
        ("endpoints", {"displayName": "x", "createTime": "2026"}, "set by the service"),
        ("endpoints?traffic=1", {"displayName": "x"}, 'Unknown name "traffic"'),
        ("customJobs", _with_pool(replicaCount=1), "expects string, got `int`"),
        ("customJobs", _with_pool(replicaCount="one"), "does not match"),
        (
            "customJobs",
            _with_pool(machineSpec={"acceleratorType": "NVIDIA_T4"}),
            "must be one of `ACCELERATOR_TYPE_UNSPECIFIED`",
        ),
        (
            "pipelineJobs",
            asking.pipeline_job(runtimeConfig={}),
            "'runtimeConfig.gcsOutputDirectory': is required",
        ),
    ],
)
def test_what_the_document_refuses_is_refused_with_its_reason(
    path: str, body: Any, said: str, cloud: Cloud
) -> None:
    with pytest.raises(Refused, match=re.escape(said)) as refusal:
        asking.vertex(cloud, "POST", path, body)
    assert (refusal.value.code, refusal.value.status) == (400, "INVALID_ARGUMENT")


def test_one_refusal_tells_every_broken_rule(cloud: Cloud) -> None:
    with pytest.raises(Refused) as refusal:
        asking.vertex(cloud, "POST", "endpoints", {"displayNam": "x", "labels": []})
    for said in ("'displayName': is required", "'displayNam': is not", "'labels': expects map"):
        assert said in str(refusal.value)


def test_each_version_of_an_api_judges_by_its_own_document(cloud: Cloud) -> None:
    body = {"displayName": "watch"}
    path = f"{cloud.location}/modelMonitors?modelMonitorId=watch"
    assert "operations" in cloud.call("POST", f"aiplatform/v1beta1/{path}", body)["name"]
    with pytest.raises(Refused, match="404"):
        cloud.call("POST", f"aiplatform/v1/{path}", body)


def test_what_nobody_has_written_is_refused_aloud(cloud: Cloud) -> None:
    path = f"bigquery/bigquery/v2/projects/{cloud.project}/datasets/d/routines/r"
    with pytest.raises(Refused, match=r"501 UNIMPLEMENTED.*`bigquery.routines.get`"):
        cloud.call("GET", path)


def test_a_call_without_a_token_is_refused(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="401 UNAUTHENTICATED"):
        cloud.call("GET", f"aiplatform/v1/{cloud.location}/models", token="")


def test_the_cloud_tells_what_was_called_and_by_whom(cloud: Cloud) -> None:
    token = cloud.control("token", account="train@mlops-test.iam.gserviceaccount.com")["token"]
    cloud.call("GET", f"aiplatform/v1/{cloud.location}/models", token=token)
    [told] = cloud.control("calls", service="aiplatform")
    assert told["method"] == "projects.locations.models.list"
    assert told["caller"] == "train@mlops-test.iam.gserviceaccount.com"


def test_handlers_are_of_methods_that_the_documents_have() -> None:
    known = {
        (service, method)
        for service, versions in SERVICES.items()
        for version in versions
        for method in by_id(service, version)
    }
    assert set(handlers()) <= known
    assert len(handlers()) == sum(len(part.handlers) for part in parts())


def test_the_readme_has_the_tables_as_they_are() -> None:
    text = Path(README).read_text(encoding="utf-8")
    rows = [f"| {part.subject} | {part.service} | {part.does} |" for part in parts()]
    rows += [f"| `{name}` | {route.__doc__} |" for name, route in ROUTES.items()]
    rows += [f"`{kind}`" for kind in FaultKind] + [f"`{service}`" for service in SERVICES]
    missing = [row for row in rows if row not in text]
    assert not missing, "\n".join(missing)
