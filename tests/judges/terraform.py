"""A recorded plan as Terraform's plan document, which third parties' scanners read. Not a test.

`pulumi-aws` and `pulumi-gcp` are made from Terraform's providers, so names are the same but for
their case and the plural that the bridge gives to lists of blocks; what differs stands in
`dialects.py`. Of `aws-native` the types that Terraform knows by another name are translated, and
of our custom resources the requests that stand for such a type.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_iac.testing import Registration
from tests.judges.dialects import BLOCKS, MAPS, NAMES, NATIVE, RENAMED, REQUESTS, SINGULAR, dialect

UNKNOWN = {"$unknown": True}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plan_document(resources: Iterable[Registration]) -> dict[str, Any]:
    """Return what `terraform show -json` would say of a plan that creates all of `resources`."""
    found = list(resources)
    addresses = {r.urn: f"{terraform_type(r.type)}.{_label(r.name)}" for r in found}
    names = _physical_names(found, addresses)
    made = [entry for resource in found for entry in _entries(resource, addresses, names)]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [_planned(entry) for entry in made]}},
        "resource_changes": [_change(entry) for entry in made],
        "configuration": {"root_module": {"resources": [_configured(entry) for entry in made]}},
    }


def terraform_type(token: str) -> str:
    """Return Terraform's name of a Pulumi type; of another package's, the token as a word."""
    package, module, name = token.split(":")
    known = dialect(package)
    if token in NATIVE or known is None:
        return NATIVE.get(token) or token.replace(":", "_").replace("/", "_")
    folder = module.partition("/")[0]
    parts = (known.prefix, known.modules.get(folder, folder), snake(name))
    return known.types.get(token) or "_".join(part for part in parts if part)


def snake(name: str) -> str:
    """Return `kmsKeyId` as `kms_key_id`."""
    return _WORD.sub("_", name).lower()


def _entries(
    resource: Registration, addresses: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    if _is_translated(resource.type):
        kind = terraform_type(resource.type)
        known = {name: _references(resource, name, addresses, names) for name in resource.inputs}
        yield {
            "type": kind,
            "name": _label(resource.name),
            "values": {_argument(k): _top(kind, k, v) for k, v in resource.inputs.items()},
            "references": {_argument(k): found for k, found in known.items() if found},
        }
    requests: list[dict[str, Any]] = resource.inputs.get("requests") or []
    for index, request in enumerate(requests):
        if kind := REQUESTS.get(request["operation"]):
            renamed = RENAMED.get(kind, {})
            values = {_argument(k): _value(k, v) for k, v in request["body"].items()}
            yield {
                "type": kind,
                "name": f"{_label(resource.name)}_{index}",
                "values": {renamed.get(k, k): v for k, v in values.items()},
                "references": {},
            }


def _is_translated(token: str) -> bool:
    return token in NATIVE or dialect(token.partition(":")[0]) is not None


def _references(
    resource: Registration, name: str, addresses: Mapping[str, str], names: Mapping[str, str]
) -> list[str]:
    made_of = [addresses[urn] for urn in resource.property_dependencies.get(name, ())]
    value = resource.inputs[name]
    named = names.get(value) if isinstance(value, str) else None
    own = addresses[resource.urn]
    return sorted({address for address in (*made_of, named) if address and address != own})


def _physical_names(
    resources: Iterable[Registration], addresses: Mapping[str, str]
) -> dict[str, str]:
    """Return who has a name: a literal that names another resource stands for a reference."""
    found: dict[str, str] = {}
    for resource in resources:
        for key in NAMES:
            value = resource.inputs.get(key)
            is_name = key != "bucket" or resource.type == "aws:s3/bucket:Bucket"
            if isinstance(value, str) and is_name and dialect(resource.type.partition(":")[0]):
                found.setdefault(value, addresses[resource.urn])
    return found


def _argument(name: str) -> str:
    word = snake(name)
    return SINGULAR.get(word, word)


def _top(kind: str, name: str, value: Any) -> Any:
    if (kind, snake(name)) in BLOCKS:
        return [{_argument(key): _value(key, item) for key, item in value.items()}]
    if kind in NATIVE.values() and name == "tags":
        return {tag["key"]: tag["value"] for tag in value}
    return _value(name, value)


def _value(name: str, value: Any) -> Any:
    if value == UNKNOWN:
        # Known after apply; scanners take any text for a value that is there.
        return f"known-after-apply-{snake(name)}"
    if isinstance(value, Mapping):
        if snake(name) in MAPS:
            return dict(value)
        # A block is a list of one.
        return [{_argument(key): _value(key, item) for key, item in value.items()}]
    if isinstance(value, list):
        return [found for item in value for found in _items(name, item)]
    return value


def _items(name: str, item: Any) -> list[Any]:
    found = _value(name, item)
    return found if isinstance(item, Mapping) and isinstance(found, list) else [found]


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def _planned(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**_head(entry), "values": entry["values"], "schema_version": 0}


def _change(entry: Mapping[str, Any]) -> dict[str, Any]:
    change = {"actions": ["create"], "before": None, "after": entry["values"], "after_unknown": {}}
    return {**_head(entry), "change": change}


def _configured(entry: Mapping[str, Any]) -> dict[str, Any]:
    constants = {name: {"constant_value": value} for name, value in entry["values"].items()}
    # A name comes before its attribute, as Terraform lists them.
    linked = {
        name: {"references": [text for a in found for text in (f"{a}.id", a)]}
        for name, found in entry["references"].items()
    }
    return {**_head(entry), "expressions": {**constants, **linked}}


def _head(entry: Mapping[str, Any]) -> dict[str, Any]:
    kind, name = entry["type"], entry["name"]
    provider = kind.partition("_")[0]
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": f"registry.terraform.io/hashicorp/{provider}",
    }


def text(resources: Iterable[Registration]) -> str:
    """Return the document as JSON."""
    return json.dumps(plan_document(resources))
