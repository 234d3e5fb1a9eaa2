"""Who may use a resource: policies, which are the same for every service.

An etag guards against two who change at once: https://cloud.google.com/iam/docs/reference/rest
"""

import hashlib
import json
from collections.abc import Callable, Mapping

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid
from tests.clouds.gcp.world import World

_MEMBER = (
    "user:",
    "serviceAccount:",
    "group:",
    "domain:",
    "principal:",
    "principalSet:",
    "deleted:",
)
_ANYONE = frozenset({"allUsers", "allAuthenticatedUsers"})
_WORDS = frozenset({"projectOwner", "projectEditor", "projectViewer"})


def get(world: World, call: Call) -> Body:
    """Answer a resource's policy; an empty one when none was set."""
    return read(world, call.service, subject(world, call))


def read(world: World, service: str, name: str) -> Body:
    """Return a policy with its etag."""
    kept = world.policies.get((service, name), {})
    return {"version": 1, **kept, "etag": _etag(kept)}


def set_(world: World, call: Call) -> Body:
    """Change a resource's policy."""
    wanted = call.body.get("policy", call.body if "bindings" in call.body else {})
    return write(world, call.service, subject(world, call), wanted)


def write(world: World, service: str, name: str, wanted: Body) -> Body:
    """Keep a policy.

    Raises:
        CloudError: ABORTED when it was read before another's change, INVALID_ARGUMENT for members
            that are nobody.
    """
    kept = world.policies.get((service, name), {})
    if wanted.get("etag") and wanted["etag"] != _etag(kept):
        message = "There were concurrent policy changes. Please retry with the current etag."
        raise CloudError(Status.ABORTED, message)
    for binding in wanted.get("bindings", []):
        _judge(world, binding)
    world.policies[service, name] = {
        key: value for key, value in wanted.items() if key in {"bindings", "version"}
    }
    return read(world, service, name)


def _judge(world: World, binding: Body) -> None:
    for member in binding.get("members", []):
        known = member in _ANYONE or member.startswith(_MEMBER)
        if not known and member.partition(":")[0] not in _WORDS:
            raise invalid(f"Invalid member `{member}`.")
        _require_account(world, member)


def _require_account(world: World, member: str) -> None:
    """Refuse a service account of this project that is not there."""
    address = member.removeprefix("serviceAccount:")
    own = f"@{world.project}.iam.gserviceaccount.com"
    name = f"projects/{world.project}/serviceAccounts/{address}"
    if member != address and address.endswith(own) and not world.store.get("iam", name):
        raise invalid(f"Service account {address} does not exist.")


def test(world: World, call: Call) -> Body:
    """Answer that the caller may do all that was asked about: no decision is made here."""
    del world
    return {"permissions": call.body.get("permissions", call.params.get("permissions", []))}


def subject(world: World, call: Call) -> str:
    """Return the name of the resource whose policy a request is about."""
    return world.canonical(call.service, "/".join(call.text(name) for name in call.route.names))


def _etag(policy: Body) -> str:
    content = json.dumps(policy, sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()[:16]


VERBS: Mapping[str, Callable[[World, Call], Body]] = {
    "getIamPolicy": get,
    "setIamPolicy": set_,
    "testIamPermissions": test,
}
