"""One member of one role: a part of a resource's policy, which many change at the same time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.gcp.plugins.client import Body, Client, RefusedError, method_of
from tests.clouds.gcp.plugins.rows import Member, parts
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values

ATTEMPTS = 50
"""Tries of one change while others change the same policy."""
_VERSION = 3
"""The version of policies with conditions."""
_TITLE = "$title"
_PLACE = frozenset({"member", "role", "condition", "__defaults"})


@dataclass(frozen=True, kw_only=True)
class MemberLife:
    """The members of one kind of resource."""

    token: str
    row: Member
    client: Client

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Add the member; return id and state."""
        etag = self._change(inputs, _with)
        return self._id(inputs), self._state(inputs, etag)

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs; None when the member does not have the role.

        An import names resource, role, member and the condition's title, parted by spaces.
        """
        del state
        wished = inputs or self._named(resource_id)
        try:
            policy = self._policy(wished)
        except RefusedError as error:
            if error.is_missing:
                return None
            raise
        if title := wished.pop(_TITLE, None):
            wished["condition"] = _condition(policy, title)
        if not any(wished["member"] in each["members"] for each in _bindings(policy, wished)):
            return None
        return self._state(wished, policy.get("etag")), wished

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Refuse: a member is its whole identity."""
        del state, old, inputs
        raise FailedThingError(f"`{resource_id}` has no method that changes it")

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Take the role from the member."""
        del resource_id, state
        try:
            self._change(inputs, _without)
        except RefusedError as error:
            if not error.is_missing:
                raise

    def _change(self, inputs: Values, change: Callable[[Body, Values], None]) -> Any:
        for _ in range(ATTEMPTS):
            policy = self._policy(inputs)
            change(policy, inputs)
            try:
                return self._set(inputs, policy).get("etag")
            except RefusedError as error:
                if not error.is_conflict:
                    raise
        raise FailedThingError(f"`{self._id(inputs)}`: the policy never stopped changing")

    def _policy(self, inputs: Values) -> Body:
        name = f"{self.row.methods}.getIamPolicy"
        asked = {"requestedPolicyVersion": _VERSION}
        options = {f"options.{key}": value for key, value in asked.items()}
        options |= {"optionsRequestedPolicyVersion": _VERSION}
        body = {"options": asked} if method_of(self.row.api, name).request else None
        return self.client(self.row.api, name, {**self._params(inputs), **options}, body)

    def _set(self, inputs: Values, policy: Body) -> Body:
        name = f"{self.row.methods}.setIamPolicy"
        sent = {**policy, "version": _VERSION}
        # Cloud Storage takes the policy itself, all others a request that holds it.
        body = sent if method_of(self.row.api, name).request == "Policy" else {"policy": sent}
        return self.client(self.row.api, name, self._params(inputs), body)

    def _params(self, inputs: Values) -> Values:
        return {self.row.parameter: self.row.resource.format_map(self._view(inputs))}

    def _view(self, inputs: Values) -> Values:
        place = self.client.place
        here = {"project": place.project, "location": place.region}
        # Either a name or the whole resource name may be given.
        short = {
            key: value.rpartition("/")[2]
            for key, value in inputs.items()
            if isinstance(value, str) and key not in _PLACE and key not in _WHOLE
        }
        return {**here, **inputs, **short}

    def _id(self, inputs: Values) -> str:
        resource = (self.row.id or self.row.resource).format_map(self._view(inputs))
        title = (inputs.get("condition") or {}).get("title")
        parts = [resource, inputs["role"], inputs["member"], *([title] if title else [])]
        return "/".join(parts)

    def _named(self, resource_id: str) -> Values:
        resource, role, member, *title = resource_id.split(" ", 3)
        named = parts(self.row.id or self.row.resource, resource)
        if not named:
            raise FailedThingError(f"`{resource}` is not the name of a `{self.token}`'s resource")
        return {**named, "role": role, "member": member, **({_TITLE: title[0]} if title else {})}

    def _state(self, inputs: Values, etag: Any) -> Values:
        return {"project": self.client.place.project, **inputs, "etag": etag or ""}


_WHOLE = frozenset({"serviceAccountId", "cryptoKeyId", "keyRingId"})


@dataclass(frozen=True, kw_only=True)
class DatasetMemberLife(MemberLife):
    """Members of a BigQuery dataset: entries of its own list of accesses."""

    def _policy(self, inputs: Values) -> Body:
        told = self.client("bigquery.v2", "datasets.get", self._dataset(inputs))
        entries = told.get("access", [])
        bindings = [{"role": _role(each), "members": [_member(each)]} for each in entries]
        return {"bindings": bindings, "etag": told.get("etag"), "others": entries}

    def _set(self, inputs: Values, policy: Body) -> Body:
        kept = [each for each in policy["others"] if "role" not in each]
        wished = [
            {"role": binding["role"], **_entry(member)}
            for binding in policy["bindings"]
            if binding["role"]
            for member in binding["members"]
        ]
        params = self._dataset(inputs)
        return self.client("bigquery.v2", "datasets.patch", params, {"access": kept + wished})

    def _dataset(self, inputs: Values) -> Values:
        view = self._view(inputs)
        return {"projectId": view["project"], "datasetId": view["datasetId"]}


_BASIC: Mapping[str, str] = {
    "OWNER": "roles/bigquery.dataOwner",
    "READER": "roles/bigquery.dataViewer",
    "WRITER": "roles/bigquery.dataEditor",
}
_WAYS: Mapping[str, str] = {
    "user": "userByEmail",
    "serviceAccount": "userByEmail",
    "group": "groupByEmail",
    "domain": "domain",
}


def _role(entry: Body) -> str:
    role = str(entry.get("role") or "")
    return _BASIC.get(role, role)


def _member(entry: Body) -> str:
    if "userByEmail" in entry:
        email = str(entry["userByEmail"])
        kind = "serviceAccount" if email.endswith("gserviceaccount.com") else "user"
        return f"{kind}:{email}"
    if "groupByEmail" in entry:
        return f"group:{entry['groupByEmail']}"
    return str(entry.get("iamMember") or entry.get("specialGroup") or entry.get("domain") or "")


def _entry(member: str) -> Body:
    kind, _, name = member.partition(":")
    if not name:
        return {"specialGroup": member}
    return {_WAYS[kind]: name} if kind in _WAYS else {"iamMember": member}


def _bindings(policy: Body, inputs: Values) -> list[Body]:
    """Return the bindings of the role under the same condition."""
    condition = inputs.get("condition") or {}
    return [
        each
        for each in policy.get("bindings", [])
        if each["role"] == inputs["role"]
        and (each.get("condition") or {}).get("expression") == condition.get("expression")
    ]


def _condition(policy: Body, title: str) -> Body:
    conditions = [each.get("condition") or {} for each in policy.get("bindings", [])]
    return next((each for each in conditions if each.get("title") == title), {"title": title})


def _with(policy: Body, inputs: Values) -> None:
    condition = {"condition": inputs["condition"]} if inputs.get("condition") else {}
    bindings = _bindings(policy, inputs)
    if not bindings:
        bindings = [{"role": inputs["role"], "members": [], **condition}]
        policy.setdefault("bindings", []).append(bindings[0])
    if not any(inputs["member"] in each["members"] for each in bindings):
        bindings[0]["members"].append(inputs["member"])


def _without(policy: Body, inputs: Values) -> None:
    for binding in _bindings(policy, inputs):
        binding["members"] = [name for name in binding["members"] if name != inputs["member"]]
    policy["bindings"] = [each for each in policy.get("bindings", []) if each["members"]]
