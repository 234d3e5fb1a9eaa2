"""Services, accounts, roles, keys and secrets.

Ids: terraform-provider-google, `google/services/resourcemanager`; magic-modules kms, secretmanager.
"""

import base64
from collections.abc import Mapping

from tests.clouds.gcp.plugins.client import Body, Client
from tests.clouds.gcp.plugins.rows import Row, View


def _stays_enabled(inputs: View) -> bool:
    return not inputs.get("disableOnDestroy")


def _identity(view: View, client: Client) -> Body:
    params = {"parent": f"projects/{view['project']}/services/{view['service']}"}
    return client("serviceusage.v1beta1", "services.generateServiceIdentity", params)


def _enabled(found: Body, view: View) -> Body | None:
    del view
    return found if found.get("state") == "ENABLED" else None


def _version(view: View, client: Client) -> Body:
    inputs = view["input"]
    data = inputs["secretData"]
    coded = data if inputs.get("isSecretDataBase64") else base64.b64encode(data.encode()).decode()
    params = {"parent": inputs["secret"]}
    return client(
        "secretmanager.v1", "projects.secrets.addVersion", params, {"payload": {"data": coded}}
    )


def _replication(view: View) -> Body:
    # `auto` is a block that may be empty; the API's `automatic` is one that must be there.
    told = view["body"].get("replication") or {}
    return {"replication": told or {"automatic": {}}}


def _destroy_versions(view: View, client: Client) -> None:
    """Destroy what the key can do: a key itself stays for ever."""
    where = "projects.locations.keyRings.cryptoKeys.cryptoKeyVersions"
    told = client("cloudkms.v1", f"{where}.list", {"parent": view["id"]})
    for version in told.get("cryptoKeyVersions", []):
        if version["state"] in {"ENABLED", "DISABLED"}:
            client("cloudkms.v1", f"{where}.destroy", {"name": version["name"]}, {})


ACCESS: Mapping[str, Row] = {
    "gcp:projects/service:Service": Row(
        api="serviceusage.v1",
        methods="services",
        id="{project}/{service}",
        name="projects/{project}/services/{service}",
        create="enable",
        update="",
        delete="disable",
        pick=_enabled,
        forgets=_stays_enabled,
    ),
    "gcp:projects/serviceIdentity:ServiceIdentity": Row(
        api="serviceusage.v1",
        methods="services",
        id="projects/{project}/services/{service}",
        get="",
        update="",
        delete="",
        make=_identity,
        outputs={"member": "serviceAccount:{found[email]}"},
    ),
    "gcp:serviceaccount/account:Account": Row(
        api="iam.v1",
        methods="projects.serviceAccounts",
        id="projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
        wrap="serviceAccount",
        beside={"accountId": "{accountId}"},
        wrap_update="serviceAccount",
        immutable="accountId",
        outputs={
            "name": "{id}",
            "member": "serviceAccount:{accountId}@{project}.iam.gserviceaccount.com",
            "email": "{accountId}@{project}.iam.gserviceaccount.com",
        },
    ),
    "gcp:projects/iAMCustomRole:IAMCustomRole": Row(
        api="iam.v1",
        methods="projects.roles",
        id="projects/{project}/roles/{roleId}",
        wrap="role",
        beside={"roleId": "{roleId}"},
        gone={"deleted": True},
        outputs={"name": "{id}"},
    ),
    "gcp:kms/keyRing:KeyRing": Row(
        api="cloudkms.v1",
        methods="projects.locations.keyRings",
        id="projects/{project}/locations/{location}/keyRings/{name}",
        params={"keyRingId": "{name}"},
        update="",
        delete="",
    ),
    "gcp:kms/cryptoKey:CryptoKey": Row(
        api="cloudkms.v1",
        methods="projects.locations.keyRings.cryptoKeys",
        id="{keyRing}/cryptoKeys/{name}",
        params={"cryptoKeyId": "{name}"},
        immutable="destroyScheduledDuration importOnly purpose skipInitialVersionCreation",
        delete="",
        empty=_destroy_versions,
    ),
    "gcp:secretmanager/secret:Secret": Row(
        api="secretmanager.v1",
        methods="projects.secrets",
        id="projects/{project}/secrets/{secretId}",
        params={"secretId": "{secretId}"},
        immutable="replication",
        outputs={"name": "{id}"},
        prepare=_replication,
    ),
    "gcp:secretmanager/secretVersion:SecretVersion": Row(
        api="secretmanager.v1",
        methods="projects.secrets.versions",
        id="{secret}/versions/{made}",
        update="",
        delete="destroy",
        gone={"state": "DESTROYED"},
        make=_version,
        outputs={"name": "{id}"},
    ),
}
