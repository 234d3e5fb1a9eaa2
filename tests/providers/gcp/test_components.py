"""What datasets, jobs, models and endpoints register on `gcp`.

Proves what the engine is asked for; the contract suite proves that Google's APIs take it.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops_iac.recording import Recording
from mlops_iac.specs import (
    AutoscaledReplicas,
    Canary,
    DataCapture,
    Dataset,
    Linear,
    RegisteredModel,
    SecretRef,
    TrainingJob,
)
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import (
    DATA,
    ENDPOINT,
    IMAGE,
    JOB,
    MODEL,
    NETWORK,
    SCENARIOS,
    write_files,
)

RUN = "mlops-iac:gcp:JobRun"
DEPLOYMENT = "mlops-iac:gcp:ModelDeployment"
ENDPOINT_TYPE = "gcp:vertex/aiEndpoint:AiEndpoint"
OBJECT = "gcp:storage/bucketObject:BucketObject"
MODEL_RECORD = "mlops-iac:gcp:ModelVersions"


def _everything(folder: Path, **changes: Any) -> Recording:
    endpoint = ENDPOINT.model_copy(update=changes)
    return recorded(write_files(folder), DATA, MODEL, JOB, endpoint)


def _scenario(folder: Path, name: str) -> Recording:
    declared = SCENARIOS[name]
    return recorded(write_files(folder), *declared.components, **declared.platform)


def _job(recording: Recording) -> dict[str, Any]:
    return _asked(recording, "customJobs.create")


def _asked(recording: Recording, operation: str) -> dict[str, Any]:
    requests = recording.one(RUN).inputs["requests"]
    (found,) = (r["body"] for r in requests if r["operation"].endswith(operation))
    return found


def _request(recording: Recording, method: str) -> dict[str, Any]:
    requests = recording.one(DEPLOYMENT).inputs["requests"]
    (found,) = (r for r in requests if r["operation"].endswith(f".{method}"))
    return found


def test_files_are_uploaded_under_the_hash_of_their_content(tmp_path: Path) -> None:
    before = recorded(write_files(tmp_path), DATA).of_type(OBJECT)
    (tmp_path / "data" / "a.csv").write_text("x,y\n9,9\n")
    after = recorded(tmp_path, DATA).of_type(OBJECT)

    names = [
        {o.name: o.inputs["name"] for o in objects if o.name.startswith("departures-")}
        for objects in (before, after)
    ]
    assert names[0].keys() == names[1].keys()
    assert not set(names[0].values()) & set(names[1].values())


def test_remote_data_is_readable_by_training_alone(tmp_path: Path) -> None:
    remote = Dataset("lake", source="gs://acme-lake/flights/*.parquet")

    recording = recorded(tmp_path, remote)

    reader = next(r for r in recording.resources if r.name == "lake-reader")
    assert reader.inputs["role"] == "roles/storage.objectViewer"
    assert (
        "projects/_/buckets/acme-lake/objects/flights/"
        in (reader.inputs["condition"]["expression"])
    )


def test_no_vertex_dataset_is_made_because_it_cannot_name_its_source(tmp_path: Path) -> None:
    assert recorded(write_files(tmp_path), DATA).count("gcp:vertex/aiDataset:AiDataset") == 0


def test_a_job_is_never_a_resource_of_the_cloud(tmp_path: Path) -> None:
    tokens = {r.type for r in _scenario(tmp_path, "gpu-spot-distributed").resources}

    assert not {token for token in tokens if "Job" in token and token.startswith("gcp:")}


def test_code_data_and_parameters_change_the_key_and_nothing_else_does(tmp_path: Path) -> None:
    def key(job: TrainingJob) -> str:
        return recorded(tmp_path, DATA, MODEL, job).one(RUN).inputs["key"]

    write_files(tmp_path)
    first = key(JOB)

    assert key(JOB) == first
    assert key(JOB.model_copy(update={"timeout": timedelta(hours=9)})) == first
    assert key(JOB.model_copy(update={"hyperparameters": {"depth": 2}})) != first
    assert key(JOB.model_copy(update={"environment": {"A": "b"}})) != first
    (tmp_path / "mlops.yaml").write_text("name: renamed\n")
    assert key(JOB) == first
    (tmp_path / "helper.py").write_text("X = 2\n")
    assert key(JOB) != first


def test_the_chief_has_one_replica_and_the_workers_the_rest(tmp_path: Path) -> None:
    pools = _job(_scenario(tmp_path, "gpu-spot-distributed"))["jobSpec"]["workerPoolSpecs"]

    assert [pool["replicaCount"] for pool in pools] == ["1", "3"]
    assert pools[0]["machineSpec"] == {
        "machineType": "n1-highmem-8",
        "acceleratorType": "NVIDIA_TESLA_T4",
        "acceleratorCount": 2,
    }


def test_spot_splits_the_whole_time_into_running_and_waiting(tmp_path: Path) -> None:
    job = _job(_scenario(tmp_path, "gpu-spot-distributed"))

    assert job["jobSpec"]["scheduling"] == {
        "strategy": "SPOT",
        "timeout": "7200s",
        "maxWaitDuration": "10800s",
        "restartJobOnWorkerRestart": True,
    }


def test_a_secret_is_named_and_granted_and_its_value_is_nowhere(tmp_path: Path) -> None:
    recording = _scenario(tmp_path, "everything-in-training")

    env = {row["name"]: row["value"] for row in _container(recording)["env"]}
    name = "projects/acme-ml-dev/secrets/weather-api-key"
    assert env["MLOPS_SECRET_API_KEY"] == f"gcp-secretmanager:{name}/versions/latest"
    assert "API_KEY" not in env
    granted = recording.one("gcp:secretmanager/secretIamMember:SecretIamMember")
    assert granted.inputs["secretId"] == "weather-api-key"
    assert granted.inputs["role"] == "roles/secretmanager.secretAccessor"


def _container(recording: Recording) -> dict[str, Any]:
    return _job(recording)["jobSpec"]["workerPoolSpecs"][0]["containerSpec"]


def test_typed_hyperparameters_lie_beside_the_code(tmp_path: Path) -> None:
    """The SDK makes an object's content a secret: only its name tells what is in it."""
    write_files(tmp_path)
    whole, text = (
        recorded(
            tmp_path, DATA, MODEL, JOB.model_copy(update={"hyperparameters": {"depth": depth}})
        )
        for depth in (3, "3")
    )

    paths = [_variable(recording, "MLOPS_HYPERPARAMETERS") for recording in (whole, text)]
    assert paths[0] != paths[1]
    (stored,) = (r for r in whole.resources if r.name == "delay-hyperparameters")
    assert paths[0].endswith(stored.inputs["name"])


def _variable(recording: Recording, name: str) -> str:
    return next(row["value"] for row in _container(recording)["env"] if row["name"] == name)


def test_locked_requirements_make_an_image_of_their_own(tmp_path: Path) -> None:
    recording = _scenario(tmp_path, "everything-in-training")

    assert _container(recording)["imageUri"] == {"$unknown": True}
    assert any(r.name == "delay-image-context" for r in recording.of_type(OBJECT))


def test_ready_runtime_image_is_used_by_digest(tmp_path: Path) -> None:
    assert _container(_scenario(tmp_path, "prod"))["imageUri"] == IMAGE


def test_a_manual_job_has_a_definition_and_no_run(tmp_path: Path) -> None:
    recording = _scenario(tmp_path, "manual-run")

    assert recording.count(RUN) == 0
    assert any(r.name == "delay-definition" for r in recording.of_type(OBJECT))


def test_manual_approval_registers_versions_as_pending(tmp_path: Path) -> None:
    recording = _scenario(tmp_path, "everything-in-training")

    upload = _asked(recording, "models.upload")["model"]
    assert upload["labels"]["approval"] == "pending"


def test_a_model_is_a_record_until_its_first_version(tmp_path: Path) -> None:
    records = [
        recorded(tmp_path, RegisteredModel("late", description=text)).one(MODEL_RECORD)
        for text in ("late or not", "how late")
    ]

    assert records[0].name == records[1].name
    assert [one.inputs["description"] for one in records] == ["late or not", "how late"]
    assert records[0].inputs["approval"] == "automatic"


def test_the_versions_of_a_protected_model_outlive_the_stack(tmp_path: Path) -> None:
    kept = recorded(tmp_path, RegisteredModel("late"), profile="prod").one(MODEL_RECORD)

    assert kept.retain_on_delete


def test_an_endpoint_has_ten_digits_and_leaves_traffic_alone(tmp_path: Path) -> None:
    endpoint = _everything(tmp_path).one(ENDPOINT_TYPE)

    assert endpoint.inputs["name"].isdigit()
    assert len(endpoint.inputs["name"]) == 10
    assert "trafficSplit" not in endpoint.inputs


def test_a_public_endpoint_is_dedicated_and_a_private_one_is_not(tmp_path: Path) -> None:
    write_files(tmp_path)
    public = recorded(tmp_path, DATA, MODEL, JOB, ENDPOINT).one(ENDPOINT_TYPE)
    private = recorded(tmp_path, DATA, MODEL, JOB, ENDPOINT, network=NETWORK).one(ENDPOINT_TYPE)

    assert public.inputs["dedicatedEndpointEnabled"] is True
    assert "dedicatedEndpointEnabled" not in private.inputs
    assert private.inputs["privateServiceConnectConfig"]["enablePrivateServiceConnect"] is True


def test_capture_logs_its_share_into_a_dataset_of_ours(tmp_path: Path) -> None:
    recording = _everything(tmp_path, capture=DataCapture(percent=25))

    logging = recording.one(ENDPOINT_TYPE).inputs["predictRequestResponseLoggingConfig"]
    assert logging["samplingRate"] == 0.25
    assert recording.count("gcp:bigquery/dataset:Dataset") == 1


def test_timeout_is_set_on_the_endpoint(tmp_path: Path) -> None:
    request = _request(_everything(tmp_path, timeout=timedelta(seconds=90)), "update")

    assert request["body"]["endpoint"]["clientConnectionConfig"] == {"inferenceTimeout": "90s"}


def test_autoscaling_follows_requests(tmp_path: Path) -> None:
    scaling = AutoscaledReplicas(min=1, max=4, requests_per_replica=30)

    request = _request(_everything(tmp_path, scaling=scaling), "deployModel")

    resources = request["body"]["deployedModel"]["dedicatedResources"]
    assert (resources["minReplicaCount"], resources["maxReplicaCount"]) == (1, 4)
    assert resources["autoscalingMetricSpecs"][0]["target"] == 30
    assert request["api"] == "aiplatform.v1"


def test_scale_to_zero_uses_the_preview_api(tmp_path: Path) -> None:
    request = _request(
        _everything(tmp_path, scaling=AutoscaledReplicas(min=0, max=2)), "deployModel"
    )

    assert request["api"] == "aiplatform.v1beta1"
    assert "scaleToZeroSpec" in request["body"]["deployedModel"]["dedicatedResources"]


def test_rollouts_move_traffic_step_by_step(tmp_path: Path) -> None:
    def steps(**changes: Any) -> list[int]:
        return _everything(tmp_path, **changes).one(DEPLOYMENT).inputs["rolloutSteps"]

    assert steps() == [100]
    assert steps(rollout=Canary(percent=20)) == [20, 100]
    assert steps(rollout=Linear(step_percent=40)) == [40, 80, 100]


def test_policy_is_an_alias_or_a_pinned_version(tmp_path: Path) -> None:
    alias = _everything(tmp_path).one(DEPLOYMENT).inputs["policy"]
    pinned = _scenario(tmp_path, "gpu-spot-distributed").one(DEPLOYMENT).inputs["policy"]

    assert alias["alias"] == "champion"
    assert "version" not in alias
    assert pinned["version"] == 3
    assert "alias" not in pinned


def test_a_deployment_waits_for_the_run_that_trains_its_model(tmp_path: Path) -> None:
    recording = _everything(tmp_path)

    waits = recording.one(DEPLOYMENT).depends_on
    assert recording.one(RUN).urn in waits


def test_the_server_reads_its_secret_as_its_own_identity(tmp_path: Path) -> None:
    environment = {"TOKEN": SecretRef(secret="projects/acme-vault/secrets/t")}

    granted = _everything(tmp_path, environment=environment).one(
        "gcp:secretmanager/secretIamMember:SecretIamMember"
    )

    assert granted.inputs["project"] == "acme-vault"
    assert granted.component == "score"


def test_two_runs_of_the_program_register_the_same(tmp_path: Path) -> None:
    first, second = (_scenario(tmp_path, "everything-in-serving") for _ in range(2))

    assert [r.document() for r in first.resources] == [r.document() for r in second.resources]


def test_an_asynchronous_endpoint_is_a_service_that_a_queue_tells_of_what_lies_in_its_folder(
    tmp_path: Path,
) -> None:
    recording = _scenario(tmp_path, "async")

    queue = recording.one("gcp:pubsub/subscription:Subscription").inputs
    template = _request(recording, "create")["body"]["template"]
    (server,) = template["containers"]
    folder = next(one["value"] for one in server["env"] if one["name"] == "MLOPS_MAILBOX")
    (volume,) = template["volumes"]
    rights = [
        one.inputs for one in recording.of_type("gcp:storage/bucketIAMMember:BucketIAMMember")
    ]
    assert queue["ackDeadlineSeconds"] == 330
    assert (template["timeout"], template["maxInstanceRequestConcurrency"]) == ("330s", 2)
    assert template["scaling"] == {"minInstanceCount": 0, "maxInstanceCount": 3}
    assert server["resources"]["limits"] == {"cpu": "4", "memory": "10Gi"}
    assert server["volumeMounts"] == [{"name": volume["name"], "mountPath": folder}]
    assert folder == f"/gcs/{volume['gcs']['bucket']}/async/score"
    assert "only-dir=async/score" in volume["gcs"]["mountOptions"]
    assert [one["condition"]["title"] for one in rights if "condition" in one].count(
        "async/score only"
    ) == 1
    assert recording.one("gcp:pubsub/topic:Topic").inputs["kmsKeyName"]
    assert recording.count(ENDPOINT_TYPE) == 0
