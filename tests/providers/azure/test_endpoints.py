"""What models and endpoints register: the frame, the document of what is deployed, rights.

Proves what is declared; what is asked of Azure is proved in `serving/`.
"""

from collections.abc import Callable
from typing import Any

import pytest
from mlops_iac_azure import names
from mlops_iac_azure.app_request import per_replica, size
from mlops_iac_azure.serving import captures

from mlops_iac.rollout import rollout_steps
from mlops_iac.specs import Compute, Linear
from tests.providers.azure.harness import Recording

Recorded = Callable[[str], Recording]
UNKNOWN = {"$unknown": True}


def _deployment(recording: Recording) -> dict[str, Any]:
    return dict(recording.one("ModelDeployment").inputs)


def _bodies(inputs: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["body"] for one in inputs["requests"] if one["operation"].endswith(f"/{kind}")]


def test_a_models_card_is_part_of_its_record(recorded: Recorded) -> None:
    recording = recorded("everything-about-training")
    record = recording.one("ModelVersions").inputs
    properties = recording.one("ModelContainer").inputs["properties"]["properties"]

    assert record["card"]["owner"] == properties["mlops-iac.owner"] == "air"
    assert (record["approval"], record["trust_pickle"]) == ("manual", True)


def test_the_frame_carries_no_traffic(recorded: Recorded) -> None:
    """Traffic names deployments, which promotion makes between two `up`s."""
    endpoint = recorded("minimal").one("OnlineEndpoint")

    assert "traffic" not in endpoint.inputs["properties"]
    assert "properties.traffic" in endpoint.ignore_changes
    assert endpoint.inputs["properties"]["authMode"] == "AADToken"


def test_a_batch_endpoint_takes_no_key(recorded: Recorded) -> None:
    endpoint = recorded("complete-prod").one("BatchEndpoint")

    assert endpoint.inputs["properties"]["authMode"] == "AADToken"


def test_the_document_moves_traffic_with_the_frames_own_settings(recorded: Recorded) -> None:
    """An endpoint is sent whole: another setting would change it each time."""
    recording = recorded("pinned-canary-key")
    frame = recording.one("OnlineEndpoint").inputs
    (sent,) = _bodies(_deployment(recording), "onlineEndpoints")

    assert {**frame["properties"], "traffic": UNKNOWN, "mirrorTraffic": UNKNOWN} == (
        sent["properties"]
    )
    assert all(sent[name] == frame[name] for name in ("kind", "location", "sku", "tags"))


def test_a_version_is_a_policy_and_nothing_of_it_is_known_before(recorded: Recorded) -> None:
    inputs = _deployment(recorded("pinned-canary-key"))
    (deployed,) = _bodies(inputs, "onlineEndpoints/deployments")
    properties = deployed["properties"]

    assert (inputs["policy"]["mode"], inputs["policy"]["version"]) == ("pinned", 3)
    assert properties["model"] == properties["environmentId"] == UNKNOWN
    assert properties["environmentVariables"]["MLOPS_MODEL_DIGEST"] == UNKNOWN
    assert properties["requestSettings"] == {
        "requestTimeout": "PT30S",
        "maxConcurrentRequestsPerInstance": 8,
    }
    assert deployed["sku"]["capacity"] == 2
    assert (inputs["rolloutSteps"], inputs["rolloutWaitSeconds"]) == ([20, 100], 300)


def test_an_alias_has_a_job_that_deploys_its_first_version(recorded: Recorded) -> None:
    recording = recorded("alias-linear-gpu")
    (deployed,) = _bodies(_deployment(recording), "onlineEndpoints/deployments")

    assert recording.one("Upload", "score-definition").inputs["path"] == "pipelines/score.json"
    assert deployed["properties"]["instanceType"] == "Standard_NC24ads_A100_v4"
    assert not [r for r in recorded("pinned-shadow").of("Upload") if r.name == "score-definition"]


def test_a_shadow_is_a_second_deployment(recorded: Recorded) -> None:
    inputs = _deployment(recorded("pinned-shadow"))

    assert [one.get("role") for one in inputs["requests"] if "role" in one] == [
        "main",
        "challenger",
    ]
    assert inputs["policy"]["challenger"] == {"version": 4, "percent": 50, "shadow": True}


def test_the_deployment_waits_for_the_training(recorded: Recorded) -> None:
    """So that the first version is there."""
    deployment = recorded("minimal").one("ModelDeployment")

    assert any("::delay" in urn for urn in deployment.depends_on)


@pytest.mark.parametrize("scenario", ["serverless", "idle-at-zero"])
def test_what_idles_at_nothing_is_an_app_in_an_environment_of_its_own(
    recorded: Recorded, scenario: str
) -> None:
    recording = recorded(scenario)
    (app,) = _bodies(_deployment(recording), "containerApps")

    assert recording.of("OnlineEndpoint") == []
    environment = recording.one("ManagedEnvironment").inputs
    assert environment["appLogsConfiguration"] == {"destination": "azure-monitor"}
    assert app["properties"]["template"]["scale"]["minReplicas"] == 0
    assert app["properties"]["configuration"]["ingress"]["allowInsecure"] is False


def test_an_apps_server_reads_its_token_and_nobody_shows_it(recorded: Recorded) -> None:
    recording = recorded("serverless")
    inputs = _deployment(recording)
    (app,) = _bodies(inputs, "containerApps")
    env = {
        one["name"]: one["value"] for one in app["properties"]["template"]["containers"][0]["env"]
    }

    assert env["MLOPS_SECRET_MLOPS_TOKEN"].startswith("azure-keyvault:https://")
    assert env["MLOPS_SECRET_MLOPS_TOKEN"].endswith(f"/secrets/{inputs['secret']}")
    assert "MLOPS_TOKEN" not in env
    scope = recording.one("RoleAssignment", "score-token-reader").inputs["scope"]
    assert str(scope).endswith(f"/secrets/{inputs['secret']}")


def test_who_deploys_may_change_this_kind_of_endpoint_and_no_other(recorded: Recorded) -> None:
    def actions(scenario: str) -> list[str]:
        roles = [
            r for r in recorded(scenario).of("RoleDefinition") if r.name == "score-deployer-role"
        ]
        return [one for role in roles for one in role.inputs["permissions"][0]["actions"]]

    assert "Microsoft.App/containerApps/write" in actions("serverless")
    assert "Microsoft.Insights/autoscaleSettings/write" in actions("alias-autoscaled")
    assert not [one for one in actions("minimal") if one.endswith("/write")]
    assert actions("pinned-canary-key") == []


@pytest.mark.parametrize(
    ("cpu", "memory", "found"),
    [(1, 2, (1.0, 2.0)), (1, 3, (1.5, 3.0)), (2, 0.5, (2.0, 4.0)), (4, 8, (4.0, 8.0)),
     (4, 9, None), (5, 1, None)],
)  # fmt: skip
def test_a_replica_has_two_gib_a_cpu(cpu: int, memory: float, found: Any) -> None:
    assert size(Compute(cpu=cpu, memory_gb=memory)) == found


@pytest.mark.parametrize("concurrency", [1, 7, 10, 25, 40, 997, 1000])
def test_the_bound_of_all_replicas_is_the_declared(concurrency: int) -> None:
    each = per_replica(concurrency)

    assert concurrency % each == 0
    assert 1 <= each <= 10


def test_linear_steps_end_with_everything() -> None:
    """Also when the step does not divide 100."""
    assert rollout_steps(Linear(step_percent=30)) == [30, 60, 90, 100]


def test_captures_are_in_the_datastore_that_the_platform_makes() -> None:
    """Written twice: `names` wants pydantic, which no container has."""
    assert captures.DATASTORE == names.CAPTURES_DATASTORE
