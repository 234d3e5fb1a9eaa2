"""What was written from the discovery documents is what they say, and the tables hold together."""

from importlib.resources import files

import pytest
from mlops_iac_gcp import rest
from mlops_iac_gcp.resources import RESOURCES, shapes
from mlops_iac_gcp.resources.collection import CollectionHandler

from tools import gcp_methods, gcp_resources, gcp_schemas

KINDS = [each.kind for each in RESOURCES if isinstance(each, CollectionHandler)]


def test_the_methods_are_those_of_the_discovery_documents() -> None:
    assert files("mlops_iac_gcp").joinpath("methods.txt").read_text() == gcp_methods.text()


def test_the_schemas_are_those_of_the_discovery_documents() -> None:
    written = files("mlops_iac_gcp.resources").joinpath("schemas.json").read_text()
    assert written == gcp_schemas.text()


def test_the_classes_are_those_of_the_discovery_documents() -> None:
    folder = files("mlops_iac_gcp.resources.typed")
    written = {name: folder.joinpath(name).read_text() for name in gcp_resources.texts()}

    assert written == gcp_resources.texts()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_no_field_is_patched_that_the_document_calls_immutable(kind: CollectionHandler) -> None:
    assert not kind.patched & shapes.immutable(kind.api, kind.schema)
    assert kind.patched <= kind.fields


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.title)
def test_every_method_that_a_kind_needs_exists(kind: CollectionHandler) -> None:
    wanted = ["create", "get", "delete", *(["patch"] if kind.patched else ["cancel"])]
    found = [rest.method(kind.api, f"{kind.collection}.{name}") for name in wanted]

    assert len(found) == len(wanted)
    assert kind.id_input is None or kind.id_input in found[0].query
