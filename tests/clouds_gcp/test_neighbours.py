"""What the stack uses beside Vertex AI: accounts, keys, networks, builds, events, logs."""

import base64
import json
from typing import Any

import pytest

from tests.clouds.gcp.hooks import Invocation, Reply, Run, RunState, Simulated
from tests.clouds.gcp.identities import identity_token
from tests.clouds.gcp.running import Cloud, Refused, cloud_here
from tests.clouds_gcp import asking
from tests.clouds_gcp.asking import finished

PROJECT = "projects/mlops-test"
PLACE = f"{PROJECT}/locations/europe-west4"
ACCOUNT = "train-1@mlops-test.iam.gserviceaccount.com"


def _account(cloud: Cloud) -> None:
    cloud.call("POST", f"iam/v1/{PROJECT}/serviceAccounts", {"accountId": "train-1"})


def test_a_policy_knows_only_accounts_that_are_there(cloud: Cloud) -> None:
    binding = {"role": "roles/aiplatform.user", "members": [f"serviceAccount:{ACCOUNT}"]}
    body = {"policy": {"bindings": [binding]}}
    path = f"cloudresourcemanager/v1/{PROJECT}"
    with pytest.raises(Refused, match="does not exist"):
        cloud.call("POST", f"{path}:setIamPolicy", body)
    _account(cloud)
    cloud.call("POST", f"{path}:setIamPolicy", body)
    assert cloud.call("POST", f"{path}:getIamPolicy", {})["bindings"] == [binding]


def test_a_token_of_an_account_is_that_accounts(cloud: Cloud) -> None:
    _account(cloud)
    path = f"iamcredentials/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken"
    token = cloud.call("POST", path, {"scope": ["cloud-platform"]})["accessToken"]
    cloud.call("GET", f"aiplatform/v1/{PLACE}/models", token=token)
    assert cloud.control("calls", service="aiplatform")[0]["caller"] == ACCOUNT


def test_services_are_enabled_by_an_operation(cloud: Cloud) -> None:
    path = f"serviceusage/v1/{PROJECT}/services/aiplatform.googleapis.com"
    assert cloud.call("GET", path)["state"] == "DISABLED"
    finished(cloud, "serviceusage", cloud.call("POST", f"{path}:enable", {}))
    assert cloud.call("GET", path)["state"] == "ENABLED"


def test_the_latest_enabled_version_of_a_secret_is_read(cloud: Cloud) -> None:
    path = f"secretmanager/v1/{PROJECT}/secrets"
    cloud.call("POST", f"{path}?secretId=s", {"replication": {"automatic": {}}})
    for text in (b"one", b"two"):
        payload = {"payload": {"data": base64.b64encode(text).decode()}}
        cloud.call("POST", f"{path}/s:addVersion", payload)
    cloud.call("POST", f"{path}/s/versions/2:disable", {})
    told = cloud.call("GET", f"{path}/s/versions/latest:access")
    assert base64.b64decode(told["payload"]["data"]) == b"one"


def test_a_network_stays_while_something_is_in_it(cloud: Cloud) -> None:
    path = f"compute/compute/v1/{PROJECT}"
    subnet = {"name": "s", "network": f"{PROJECT}/global/networks/n", "ipCidrRange": "10.0.0.0/24"}
    with pytest.raises(Refused, match="404"):
        cloud.call("POST", f"{path}/regions/europe-west4/subnetworks", subnet)
    cloud.call("POST", f"{path}/global/networks", {"name": "n"})
    told = cloud.call("POST", f"{path}/regions/europe-west4/subnetworks", subnet)
    looks = [
        cloud.call("GET", f"{path}/regions/europe-west4/operations/{told['name']}")["status"]
        for _ in range(2)
    ]
    assert looks == ["RUNNING", "DONE"]
    with pytest.raises(Refused, match="already being used"):
        cloud.call("DELETE", f"{path}/global/networks/n")


def _build(cloud: Cloud, name: str) -> Any:
    image = "europe-west4-docker.pkg.dev/mlops-test/images/runtime:k1"
    body = {"steps": [{"name": "docker", "args": [name]}], "images": [image]}
    told = cloud.call("POST", f"cloudbuild/v1/{PLACE}/builds", body)
    return finished(cloud, "cloudbuild", told)


def test_a_build_leaves_an_image_whose_immutable_tag_does_not_move(cloud: Cloud) -> None:
    with pytest.raises(Refused, match="404"):
        _build(cloud, "one")
    repository = {"format": "DOCKER", "dockerConfig": {"immutableTags": True}}
    path = f"artifactregistry/v1/{PLACE}/repositories"
    told = cloud.call("POST", f"{path}?repositoryId=images", repository)
    finished(cloud, "artifactregistry", told)
    built = _build(cloud, "one")["response"]
    tag = cloud.call("GET", f"{path}/images/packages/runtime/tags/k1")
    assert tag["version"].endswith(built["results"]["images"][0]["digest"])
    assert "immutable" in _build(cloud, "two")["error"]["message"]


def _listen(cloud: Cloud) -> None:
    """Let messages of a topic execute a workflow, and an alert send them."""
    cloud.call("PUT", f"pubsub/v1/{PROJECT}/topics/drift", {})
    subscription = {"topic": f"{PROJECT}/topics/drift"}
    cloud.call("PUT", f"pubsub/v1/{PROJECT}/subscriptions/all", subscription)
    path = f"workflows/v1/{PLACE}/workflows?workflowId=retrain"
    finished(cloud, "workflows", cloud.call("POST", path, {"sourceContents": "main: {}"}))
    trigger = {
        "eventFilters": [
            {"attribute": "type", "value": "google.cloud.pubsub.topic.v1.messagePublished"}
        ],
        "transport": {"pubsub": {"topic": f"{PROJECT}/topics/drift"}},
        "destination": {"workflow": f"{PLACE}/workflows/retrain"},
    }
    path = f"eventarc/v1/{PLACE}/triggers?triggerId=drift"
    finished(cloud, "eventarc", cloud.call("POST", path, trigger))


def _watch(cloud: Cloud) -> None:
    labels = {"topic": f"{PROJECT}/topics/drift"}
    path = f"monitoring/v3/{PROJECT}/notificationChannels"
    channel = cloud.call("POST", path, {"type": "pubsub", "labels": labels})
    threshold = {
        "filter": 'resource.type = "global" AND metric.type = "custom.googleapis.com/drift"',
        "comparison": "COMPARISON_GT",
        "thresholdValue": 0.5,
        "duration": "0s",
    }
    policy = {
        "displayName": "drift",
        "combiner": "OR",
        "notificationChannels": [channel["name"]],
        "conditions": [{"displayName": "drift", "conditionThreshold": threshold}],
    }
    cloud.call("POST", f"monitoring/v3/{PROJECT}/alertPolicies", policy)


def _measure(cloud: Cloud, value: float) -> None:
    series = {
        "metric": {"type": "custom.googleapis.com/drift"},
        "resource": {"type": "global", "labels": {}},
        "points": [
            {"interval": {"endTime": "2026-01-01T00:00:00Z"}, "value": {"doubleValue": value}}
        ],
    }
    cloud.call("POST", f"monitoring/v3/{PROJECT}/timeSeries", {"timeSeries": [series]})


def test_a_measure_beyond_a_threshold_executes_the_workflow_once(cloud: Cloud) -> None:
    _listen(cloud)
    _watch(cloud)
    for value in (0.4, 0.9, 0.8):
        _measure(cloud, value)
    path = f"workflowexecutions/v1/{PLACE}/workflows/retrain/executions"
    [execution] = cloud.call("GET", path)["executions"]
    event = json.loads(execution["argument"])
    sent = json.loads(base64.b64decode(event["data"]["message"]["data"]))
    assert (sent["incident"]["policy_name"], sent["incident"]["state"]) == ("drift", "open")


def test_a_message_stays_until_it_is_acknowledged(cloud: Cloud) -> None:
    _listen(cloud)
    path = f"pubsub/v1/{PROJECT}"
    cloud.call("POST", f"{path}/topics/drift:publish", {"messages": [{"data": "aGVsbG8="}]})
    ask = {"maxMessages": 5}
    [got] = cloud.call("POST", f"{path}/subscriptions/all:pull", ask)["receivedMessages"]
    assert cloud.call("POST", f"{path}/subscriptions/all:pull", ask) == {}
    back = {"ackIds": [got["ackId"]], "ackDeadlineSeconds": 0}
    cloud.call("POST", f"{path}/subscriptions/all:modifyAckDeadline", back)
    [again] = cloud.call("POST", f"{path}/subscriptions/all:pull", ask)["receivedMessages"]
    acknowledged = {"ackIds": [again["ackId"]]}
    cloud.call("POST", f"{path}/subscriptions/all:acknowledge", acknowledged)
    assert again["message"]["data"] == "aGVsbG8="
    assert cloud.call("POST", f"{path}/subscriptions/all:pull", ask) == {}


def test_entries_of_logs_are_found_by_a_filter(cloud: Cloud) -> None:
    entries = [{"textPayload": text, "severity": "INFO"} for text in ("hello", "world")]
    resource = {"type": "global", "labels": {}}
    log = {"logName": f"{PROJECT}/logs/train", "resource": resource, "entries": entries}
    cloud.call("POST", "logging/v2/entries:write", log)
    asked = {"resourceNames": [PROJECT], "filter": 'textPayload:"wor" AND severity=INFO'}
    found = cloud.call("POST", "logging/v2/entries:list", asked)["entries"]
    assert [one["textPayload"] for one in found] == ["world"]


class _Calling(Simulated):
    """A model that calls its cloud while it answers."""

    address = ""

    def invoke(self, run: Run, invocation: Invocation) -> Reply:
        """Answer after a call of the cloud."""
        Cloud(self.address).call("GET", f"aiplatform/v1/{PLACE}/models")
        return super().invoke(run, invocation)


def test_a_model_may_call_the_cloud_while_it_answers() -> None:
    work = _Calling()
    with cloud_here(work=work) as cloud:
        work.address = cloud.address
        place, model = asking.endpoint(cloud), asking.upload(cloud)["model"]
        asking.deploy(cloud, place, model, "1", _0=100)
        told = asking.vertex(cloud, "POST", f"{place}:predict", {"instances": [1]})
    assert told["predictions"] == [1]


class _Failing(Simulated):
    def start(self, run: Run) -> None:
        """Fail with a reason."""
        run.finish(RunState.FAILED, f"no machine for {run.id}")


def test_work_that_fails_fails_what_waits_for_it() -> None:
    with cloud_here(work=_Failing()) as cloud:
        path = f"run/v2/{PLACE}/services?serviceId=answer"
        told = cloud.call("POST", path, {"template": {"containers": [{"image": "x"}]}})
        done = finished(cloud, "run", told, "v2")
        assert done["error"]["message"] == "no machine for answer-00001"
        assert cloud.call("GET", f"run/v2/{PLACE}/services") == {}


def test_a_service_answers_below_its_address_those_who_may_call_it(cloud: Cloud) -> None:
    path = f"run/v2/{PLACE}/services"
    body = {"template": {"containers": [{"image": "x"}]}}
    told = cloud.call("POST", f"{path}?serviceId=answer", body)
    service = finished(cloud, "run", told, "v2")["response"]
    inside = service["uri"].removeprefix(f"{cloud.address}/") + "/predict"
    token = identity_token("asker@mlops-test.iam.gserviceaccount.com", service["uri"])
    other = identity_token("asker@mlops-test.iam.gserviceaccount.com", "https://elsewhere")
    assert cloud.call("POST", inside, {"instances": [1]}, token=token) == {"instances": [1]}
    for wrong, code in (("", "403"), (cloud.token, "401"), (other, "401")):
        with pytest.raises(Refused, match=code):
            cloud.call("POST", inside, {"instances": [1]}, token=wrong)
    with pytest.raises(Refused, match="401"):
        cloud.call("GET", path, token=token)
