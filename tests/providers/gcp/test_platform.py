"""What a platform registers on `gcp`: companions, profiles, least privilege, explicit providers.

Proves what the engine is asked for; the contract suite proves that Google's APIs take it.
"""

from pathlib import Path

import pytest
from mlops_iac_gcp.grants import GRANTS, bindings, permissions

from mlops_iac.grants import Grant, Purpose
from mlops_iac.specs import CustomerKey, ExistingKey, Profile
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import KEY, NETWORK, SCENARIOS, write_files

BUCKET = "gcp:storage/bucket:Bucket"
KEY_GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
STORES = {
    BUCKET,
    "gcp:artifactregistry/repository:Repository",
    "gcp:bigquery/dataset:Dataset",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig",
    "gcp:vertex/aiTensorboard:AiTensorboard",
    "gcp:kms/cryptoKey:CryptoKey",
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_registration_has_an_explicit_provider_and_a_parent(
    scenario: str, tmp_path: Path
) -> None:
    declared = SCENARIOS[scenario]

    recording = recorded(write_files(tmp_path), *declared.components, **declared.platform)

    for resource in recording.resources:
        if resource.type.startswith("mlops-iac:index:"):
            continue
        assert resource.parent, resource.name
        assert resource.component, resource.name
        if not resource.type.startswith("pulumi:providers:"):
            package = resource.type.partition(":")[0]
            owner = "gcp" if package == "gcp" else "mlops-iac"
            assert f"::platform-{owner}" in resource.provider, resource.name


@pytest.mark.parametrize("profile", Profile)
def test_what_holds_data_is_protected_by_the_profile(profile: Profile, tmp_path: Path) -> None:
    declared = SCENARIOS["regulated-customer-key"]
    platform = {**declared.platform, "profile": profile}

    recording = recorded(write_files(tmp_path), *declared.components, **platform)

    stores = [r for r in recording.resources if r.type in STORES]
    assert {r.type for r in stores} >= STORES - (
        set() if profile.protects_data else {"gcp:logging/projectBucketConfig:ProjectBucketConfig"}
    )
    assert {r.protect for r in stores} == {profile.protects_data}
    objects = recording.of_type("gcp:storage/bucketObject:BucketObject")
    assert {o.retain_on_delete for o in objects} == {profile.protects_data}


@pytest.mark.parametrize("profile", Profile)
def test_every_bucket_is_private_and_uniform(profile: Profile, tmp_path: Path) -> None:
    recording = recorded(tmp_path, profile=profile)

    for bucket in recording.of_type(BUCKET):
        assert bucket.inputs["publicAccessPrevention"] == "enforced"
        assert bucket.inputs["uniformBucketLevelAccess"] is True


def test_dev_destroys_its_bucket_with_what_is_in_it(tmp_path: Path) -> None:
    (bucket,) = recorded(tmp_path).of_type(BUCKET)

    assert bucket.inputs["forceDestroy"] is True
    assert bucket.inputs["versioning"] == {"enabled": True}


def test_prod_logs_access_into_a_second_bucket(tmp_path: Path) -> None:
    recording = recorded(tmp_path, profile=Profile.PROD)

    artifacts, logs = sorted(
        recording.of_type(BUCKET), key=lambda r: r.name == "platform-access-logs"
    )
    assert artifacts.inputs["logging"]["logBucket"] == logs.inputs["name"]
    assert "retentionPolicy" not in logs.inputs


def test_regulated_locks_the_access_logs(tmp_path: Path) -> None:
    recording = recorded(tmp_path, profile=Profile.REGULATED)

    (logs,) = (r for r in recording.of_type(BUCKET) if r.name == "platform-access-logs")
    assert logs.inputs["retentionPolicy"]["isLocked"] is True


def test_customer_key_rotates_and_encrypts_every_store(tmp_path: Path) -> None:
    recording = recorded(tmp_path, encryption=CustomerKey(rotation_days=100))

    key = recording.one("gcp:kms/cryptoKey:CryptoKey")
    assert key.inputs["rotationPeriod"] == "8640000s"
    assert recording.one(BUCKET).inputs["encryption"]["defaultKmsKeyName"]
    assert recording.one("gcp:artifactregistry/repository:Repository").inputs["kmsKeyName"]
    assert recording.one("gcp:vertex/aiTensorboard:AiTensorboard").inputs["encryptionSpec"]


def test_key_ring_is_left_behind_because_it_cannot_be_deleted(tmp_path: Path) -> None:
    recording = recorded(tmp_path, encryption=CustomerKey())

    assert recording.one("gcp:kms/keyRing:KeyRing").retain_on_delete


def test_existing_key_is_granted_and_never_made(tmp_path: Path) -> None:
    recording = recorded(tmp_path, encryption=ExistingKey(key=KEY))

    assert recording.count("gcp:kms/cryptoKey:CryptoKey") == 0
    grants = recording.of_type(KEY_GRANT)
    assert {grant.inputs["cryptoKeyId"] for grant in grants} == {KEY}
    assert {grant.inputs["role"] for grant in grants} == {
        "roles/cloudkms.cryptoKeyEncrypterDecrypter"
    }


def test_managed_key_makes_no_key_and_no_grant(tmp_path: Path) -> None:
    recording = recorded(tmp_path)

    assert recording.count("gcp:kms/keyRing:KeyRing") == 0
    assert recording.count(KEY_GRANT) == 0


def test_existing_network_is_attached(tmp_path: Path) -> None:
    recording = recorded(tmp_path, network=NETWORK)

    attachment = recording.one("gcp:compute/networkAttachment:NetworkAttachment")
    assert attachment.inputs["subnetworks"] == list(NETWORK.subnets)


def test_role_is_impersonated_and_no_credential_is_given(tmp_path: Path) -> None:
    role = "deployer@acme-ml-dev.iam.gserviceaccount.com"

    provider = recorded(tmp_path, role=role).one("pulumi:providers:gcp")

    assert provider.inputs["impersonateServiceAccount"] == role
    assert not {"credentials", "accessToken"} & provider.inputs.keys()


def test_tags_become_labels_of_everything_that_has_them(tmp_path: Path) -> None:
    recording = recorded(tmp_path, tags={"Team": "Data Science"})

    labels = recording.one(BUCKET).inputs["labels"]
    assert labels == {
        "team": "data_science",
        "mlops-iac-project": "flights",
        "mlops-iac-stack": "dev",
    }
    assert recording.one("gcp:vertex/aiTensorboard:AiTensorboard").inputs["labels"] == labels


def test_each_purpose_has_an_account_of_its_own(tmp_path: Path) -> None:
    accounts = recorded(tmp_path).of_type("gcp:serviceaccount/account:Account")

    assert {account.name for account in accounts} == {
        "platform-builder",
        *(f"platform-{purpose}" for purpose in Purpose),
    }
    assert len({account.inputs["accountId"] for account in accounts}) == len(accounts)


def test_no_permission_is_a_wildcard_and_no_role_is_basic() -> None:
    rows = [binding for grant in GRANTS.values() for binding in grant]

    for row in rows:
        assert "*" not in "".join(row.permissions)
        assert row.role not in {"roles/owner", "roles/editor", "roles/viewer"}
        assert not (row.role and row.permissions)
        assert row.role or row.permissions or row.acts_as


def test_every_intent_has_a_row() -> None:
    assert set(GRANTS) == set(Grant)


def test_serving_may_not_write_artifacts_nor_start_work() -> None:
    granted = {grant for grant, _ in bindings(Purpose.SERVING)}

    assert Grant.WRITE_ARTIFACTS not in granted
    assert permissions(Purpose.SERVING) == ()


def test_each_identity_writes_its_own_folders_only(tmp_path: Path) -> None:
    members = recorded(tmp_path).of_type("gcp:storage/bucketIAMMember:BucketIAMMember")

    writers = {m.name: m for m in members if m.inputs["role"] == "roles/storage.objectUser"}
    assert {name: m.inputs["condition"]["title"] for name, m in writers.items()} == {
        "platform-training-write-artifacts": "runs, data, checkpoints only",
        "platform-pipeline-run-training": "runs only",
        "platform-pipeline-register-model": "models only",
        "platform-pipeline-deploy-model": "deployments only",
    }
    assert (
        writers["platform-pipeline-run-training"]
        .inputs["condition"]["expression"]
        .endswith('/objects/runs/")')
    )


def test_work_is_started_as_named_accounts_and_never_as_every_account(tmp_path: Path) -> None:
    recording = recorded(tmp_path)

    acting = recording.of_type("gcp:serviceaccount/iAMMember:IAMMember")
    assert {each.name for each in acting} == {
        "platform-pipeline-run-training-as-training",
        "platform-pipeline-run-training-as-pipeline",
        "platform-pipeline-deploy-model-as-serving",
    }
    bound = recording.of_type("gcp:projects/iAMMember:IAMMember")
    assert "roles/iam.serviceAccountUser" not in [m.inputs["role"] for m in bound]


def test_a_builder_reads_contexts_and_writes_images_only(tmp_path: Path) -> None:
    recording = recorded(tmp_path)

    bound = [r for r in recording.resources if r.name.startswith("platform-builder-")]
    assert {r.inputs["role"] for r in bound} == {
        "roles/artifactregistry.writer",
        "roles/logging.logWriter",
        "roles/storage.objectViewer",
    }
    (reader,) = (r for r in bound if r.inputs["role"] == "roles/storage.objectViewer")
    assert reader.inputs["condition"]["title"] == "images only"


def test_agents_that_are_made_by_asking_are_asked_for_before_they_are_granted(
    tmp_path: Path,
) -> None:
    recording = recorded(tmp_path, encryption=CustomerKey())

    asked = recording.of_type("mlops-iac:gcp:ServiceAgent")
    assert {agent.inputs["service"] for agent in asked} == {"bigquery", "storage"}
    granted = {r.name: r for r in recording.of_type(KEY_GRANT)}
    for agent in asked:
        grant = granted[f"platform-key-{agent.inputs['service']}"]
        assert agent.urn in grant.property_dependencies["member"]


def test_custom_roles_name_every_permission(tmp_path: Path) -> None:
    roles = recorded(tmp_path, network=NETWORK).of_type("gcp:projects/iAMCustomRole:IAMCustomRole")

    for role in roles:
        assert role.inputs["permissions"]
        assert all("*" not in permission for permission in role.inputs["permissions"])
