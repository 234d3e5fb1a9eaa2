"""The package schema: what `pulumi package get-schema` and code generators read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_iac.custom import PLUGIN, Handler
from mlops_iac.version import PLUGIN_DOWNLOAD_URL, VERSION

ANY = "pulumi.json#/Any"


def package_schema(handlers: Iterable[Handler]) -> str:
    """Return the package's schema as JSON.

    Handlers take JSON-like values, so every property has the type `Any`; named are those that a
    handler treats in its own way.
    """
    document = {
        "name": PLUGIN,
        "version": VERSION,
        "description": "Resources of mlops-iac that no official provider offers",
        "license": "Apache-2.0",
        "pluginDownloadURL": PLUGIN_DOWNLOAD_URL,
        "provider": {
            "description": "One target instance; credentials by reference only",
            "inputProperties": {"target": {"type": "string"}, "root": {"type": "string"}},
        },
        "resources": {handler.token: _resource(handler) for handler in handlers},
    }
    return json.dumps(document, sort_keys=True)


def _resource(handler: Handler) -> Mapping[str, Any]:
    inputs = handler.replace_on | handler.ignore
    outputs = handler.secret_outputs | handler.stable_outputs
    return {
        "description": (type(handler).__doc__ or "").strip(),
        "inputProperties": {name: _input(handler, name) for name in sorted(inputs)},
        "properties": {name: _output(handler, name) for name in sorted(outputs)},
    }


def _input(handler: Handler, name: str) -> Mapping[str, Any]:
    return {"$ref": ANY, "willReplaceOnChanges": name in handler.replace_on}


def _output(handler: Handler, name: str) -> Mapping[str, Any]:
    return {"$ref": ANY, "secret": name in handler.secret_outputs}
