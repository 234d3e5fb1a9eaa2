"""IAM's service accounts, their tokens and custom roles; projects and their services."""

import copy
import re
from datetime import timedelta

from tests.clouds.clock import stamp
from tests.clouds.gcp import policies, standard
from tests.clouds.gcp.calls import Body, Call, exists, invalid, not_found
from tests.clouds.gcp.identities import identity_token
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

_ACCOUNT = re.compile(r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])")
_ROLE = re.compile(r"[a-zA-Z0-9_.]{3,64}")
_HOUR = timedelta(hours=1)


def _create_account(world: World, call: Call) -> Body:
    account_id = call.body["accountId"]
    if not _ACCOUNT.fullmatch(account_id):
        raise invalid(f"`{account_id}` is no account id: `{_ACCOUNT.pattern}`.")
    address = f"{account_id}@{world.project}.iam.gserviceaccount.com"
    name = f"projects/{world.project}/serviceAccounts/{address}"
    world.reserve("iam", name)
    number = world.store.number()
    own = {"name": name, "projectId": world.project, "email": address, "uniqueId": number}
    body = {**call.body.get("serviceAccount", {}), **own, "oauth2ClientId": number}
    record = world.store.add(Record("iam", name, "ServiceAccount", body))
    return standard.shown(world, record, call.route.api, "ServiceAccount")


def _account(world: World, call: Call) -> Record:
    """Return an account; `-` stands for its project."""
    name = world.canonical("iam", call.text("name")).replace("/-/", f"/{world.project}/")
    return world.find("iam", name)


def _get_account(world: World, call: Call) -> Body:
    return standard.shown(world, _account(world, call), call.route.api, "ServiceAccount")


def _patch_account(world: World, call: Call) -> Body:
    record = _account(world, call)
    asked = call.body.get("serviceAccount", call.body)
    given = {key: asked[key] for key in ("displayName", "description") if key in asked}
    record.body |= given
    return _get_account(world, call)


def _delete_account(world: World, call: Call) -> Body:
    record = _account(world, call)
    world.store.remove("iam", record.name)
    standard.drop_policies(world, "iam", record.name)
    return {}


def _create_role(world: World, call: Call) -> Body:
    role_id = call.body["roleId"]
    if not _ROLE.fullmatch(role_id):
        raise invalid(f"`{role_id}` is no role id: `{_ROLE.pattern}`.")
    name = f"{world.canonical('iam', call.text('parent'))}/roles/{role_id}"
    if world.store.get("iam", name):
        raise exists(name)
    body = {**call.body.get("role", {}), "name": name}
    record = world.store.add(Record("iam", name, "Role", body))
    return standard.shown(world, record, call.route.api, "Role")


def _delete_role(world: World, call: Call) -> Body:
    record = world.find("iam", call.text("name"))
    record.body["deleted"] = True
    return standard.shown(world, record, call.route.api, "Role")


def _undelete_role(world: World, call: Call) -> Body:
    record = world.find("iam", call.text("name"))
    record.body.pop("deleted", None)
    return standard.shown(world, record, call.route.api, "Role")


def _token(world: World, call: Call) -> Body:
    name = world.canonical("iam", call.text("name")).replace("/-/", f"/{world.project}/")
    address = world.find("iam", name).body["email"]
    until = stamp(world.clock.now() + _HOUR)
    return {"accessToken": world.token_of(address), "expireTime": until}


def _id_token(world: World, call: Call) -> Body:
    if not call.body.get("audience"):
        raise invalid("`audience` is required.")
    name = world.canonical("iam", call.text("name")).replace("/-/", f"/{world.project}/")
    address = world.find("iam", name).body["email"]
    return {"token": identity_token(address, call.body["audience"])}


def _project(world: World, call: Call) -> Body:
    asked = call.text("projectId") or call.text("name").rpartition("/")[2]
    if asked not in {world.project, world.number}:
        raise not_found(f"projects/{asked}")
    if call.route.version == "v1":
        told: Body = {"projectId": world.project, "projectNumber": world.number}
        return {**told, "lifecycleState": "ACTIVE", "name": world.project}
    told = {"name": f"projects/{world.number}", "projectId": world.project}
    return {**told, "state": "ACTIVE", "displayName": world.project}


def _project_name(world: World, call: Call) -> str:
    asked = call.text("resource").removeprefix("projects/")
    return world.canonical("cloudresourcemanager", f"projects/{asked}")


def _project_policy(world: World, call: Call) -> Body:
    return policies.read(world, "cloudresourcemanager", _project_name(world, call))


def _set_project_policy(world: World, call: Call) -> Body:
    name, wanted = _project_name(world, call), call.body.get("policy", {})
    return policies.write(world, "cloudresourcemanager", name, wanted)


def _service_name(world: World, call: Call) -> str:
    return world.canonical("serviceusage", call.text("name"))


def _service(world: World, name: str) -> Body:
    enabled = world.store.get("serviceusage", name) is not None
    own = {"name": name, "parent": f"projects/{world.number}"}
    title = {"config": {"name": name.rpartition("/")[2]}}
    return {**own, **title, "state": "ENABLED" if enabled else "DISABLED"}


def _enable(world: World, call: Call) -> Body:
    name = _service_name(world, call)

    def effect() -> Body:
        if not world.store.get("serviceusage", name):
            world.store.add(Record("serviceusage", name, "", {}))
        return {"service": _service(world, name)}

    return _done(world, call, name, effect, "EnableServiceResponse")


def _done(world: World, call: Call, name: str, effect: standard.Effect, answers: str) -> Body:
    full = f"google.api.serviceusage.{call.route.version}.{answers}"
    return standard.done(world, call, name, "", effect, answers=full)


def _disable(world: World, call: Call) -> Body:
    name = _service_name(world, call)

    def effect() -> Body:
        world.store.remove("serviceusage", name)
        return {"service": _service(world, name)}

    return _done(world, call, name, effect, "DisableServiceResponse")


def _batch_enable(world: World, call: Call) -> Body:
    parent = world.canonical("serviceusage", call.text("parent"))
    names = [f"{parent}/services/{one}" for one in call.body["serviceIds"]]

    def effect() -> Body:
        for name in names:
            if not world.store.get("serviceusage", name):
                world.store.add(Record("serviceusage", name, "", {}))
        return {"services": [_service(world, name) for name in names]}

    return _done(world, call, parent, effect, "BatchEnableServicesResponse")


def _get_service(world: World, call: Call) -> Body:
    return _service(world, _service_name(world, call))


def _list_services(world: World, call: Call) -> Body:
    parent = world.canonical("serviceusage", call.text("parent"))
    found = world.store.children("serviceusage", parent, "services")
    items = [_service(world, record.name) for record in found]
    asked = call.text("filter").replace(" ", "")
    kept = [] if asked == "state:DISABLED" else items
    call.params.pop("filter", None)
    return standard.paged(world, call, "services", copy.deepcopy(kept))


def _identity(world: World, call: Call) -> Body:
    name = world.canonical("serviceusage", call.text("parent"))
    service = name.rpartition("/")[2].partition(".")[0]
    address = f"service-{world.number}@gcp-sa-{service}.iam.gserviceaccount.com"

    def effect() -> Body:
        return {"email": address, "uniqueId": world.number}

    return _done(world, call, name, effect, "ServiceIdentity")


PARTS = (
    Part(
        "service accounts",
        "iam",
        {
            "projects.serviceAccounts.create": _create_account,
            "projects.serviceAccounts.get": _get_account,
            "projects.serviceAccounts.patch": _patch_account,
            "projects.serviceAccounts.update": _patch_account,
            "projects.serviceAccounts.delete": _delete_account,
        },
        "an address made of the id; policies with an account that is not there are refused",
    ),
    Part(
        "custom roles",
        "iam",
        {
            "projects.roles.create": _create_role,
            "projects.roles.delete": _delete_role,
            "projects.roles.undelete": _undelete_role,
        },
        "a deleted one keeps its name and can come back",
    ),
    Part(
        "tokens",
        "iamcredentials",
        {
            "projects.serviceAccounts.generateAccessToken": _token,
            "projects.serviceAccounts.generateIdToken": _id_token,
        },
        "a token is an account's: calls tell whose they are",
    ),
    Part(
        "projects",
        "cloudresourcemanager",
        {
            "projects.get": _project,
            "projects.getIamPolicy": _project_policy,
            "projects.setIamPolicy": _set_project_policy,
        },
        "one project, by its id and its number",
    ),
    Part(
        "services",
        "serviceusage",
        {
            "services.enable": _enable,
            "services.disable": _disable,
            "services.batchEnable": _batch_enable,
            "services.get": _get_service,
            "services.list": _list_services,
            "services.generateServiceIdentity": _identity,
        },
        "enabled or not; service agents have their addresses",
    ),
)
