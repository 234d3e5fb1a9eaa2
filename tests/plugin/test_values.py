"""Conversion of property values: what a handler returns comes back as it was, marks and all.

Limit: the wire form is compared with Pulumi's own Python SDK, not with the engine; the engine tests
do that.
"""

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc

from mlops_iac.plugin.values import (
    LARGEST_INTEGER,
    RESOURCE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXTS,
    Secret,
    ValueConversionError,
    decode,
    encode,
    has_secret,
    has_unknown,
    plain,
    secret_texts,
)

KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key != SIGNATURE)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text().filter(lambda text: text not in UNKNOWN_TEXTS)
)


def _nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    )


# Pulumi's SDK leaves nulls out, which is the one difference.
NOT_NULL = st.dictionaries(KEYS, _nested(LEAVES.filter(lambda leaf: leaf is not None)), max_size=5)
MARKED = st.dictionaries(KEYS, _nested(LEAVES | st.just(UNKNOWN) | LEAVES.map(Secret)), max_size=5)


@given(MARKED)
def test_what_goes_out_comes_back(properties: dict[str, Any]) -> None:
    assert decode(encode(properties)) == properties


@given(NOT_NULL)
def test_the_wire_form_is_that_of_pulumi_s_sdk(properties: dict[str, Any]) -> None:
    theirs = rpc.deserialize_properties(encode(properties), keep_unknowns=True, keep_internal=True)

    assert theirs == properties


@given(MARKED)
def test_plain_values_have_no_secret_mark(properties: dict[str, Any]) -> None:
    assert not has_secret(plain(properties))


@given(MARKED)
def test_an_unknown_stays_visible_under_its_marks(properties: dict[str, Any]) -> None:
    assert has_unknown(properties) == has_unknown(plain(properties))


@pytest.mark.parametrize("text", sorted(UNKNOWN_TEXTS))
def test_every_sentinel_is_unknown(text: str) -> None:
    assert decode(Struct(fields={"a": encode({"a": text}).fields["a"]})) == {"a": UNKNOWN}


@pytest.mark.parametrize("dependencies", [(), ("urn:x",)])
def test_a_secret_of_the_sdk_is_a_secret(dependencies: tuple[str, ...]) -> None:
    """With dependencies it travels as an "output value"."""
    theirs = PropertyValue("x", is_secret=True, dependencies=dependencies)

    assert decode(PropertyValue.marshal_map({"a": theirs})) == {"a": Secret("x")}


def test_a_resource_reference_becomes_its_id() -> None:
    reference = {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "the-id"}

    assert decode(encode({"a": reference})) == {"a": "the-id"}


def test_a_secret_does_not_print() -> None:
    assert "swordfish" not in repr(Secret("swordfish"))


def test_texts_inside_secrets_are_found() -> None:
    value = {"a": Secret({"b": ["x", 1, Secret("y")]}), "c": "z"}

    assert secret_texts(value) == {"x", "y"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "`a.b` is a number that the state cannot hold exactly"),
        (2**53 + 1, "`a.b` is a number that the state cannot hold exactly"),
        (object(), "`a.b` is a `object`, which the state cannot hold"),
        (b"x", "`a.b` is a `bytes`, which the state cannot hold"),
    ],
)
def test_what_would_change_on_the_way_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ValueConversionError, match=message):
        encode({"a": {"b": value}})


def test_an_asset_is_refused() -> None:
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}

    with pytest.raises(ValueConversionError, match="assets and archives"):
        decode(encode({"a": asset}))
