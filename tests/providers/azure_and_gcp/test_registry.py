"""Versions on Azure ML and on Vertex AI: registered once, decided, named; on their test clouds.

Proves what is asked of a cloud and what is made of its answers; that it behaves so is the test
cloud's word.
"""

from typing import Any

import pytest

from mlops_iac.errors import OperationError
from mlops_iac.registry import policy_path
from tests.providers.azure_and_gcp.fixtures import of_each
from tests.providers.azure_and_gcp.shop import Shop, digest_of


def test_ten_comes_after_nine(shop: Shop) -> None:
    """Names of versions are texts, and Vertex AI lists by them: ten would stand before two."""
    for _ in range(11):
        shop.register()

    assert [item.number for item in shop.listed()] == [*range(11, 0, -1)]


def test_a_model_without_versions_is_an_empty_list_and_no_error(shop: Shop) -> None:
    assert shop.listed() == []


def test_a_run_that_registers_again_is_given_its_version(shop: Shop) -> None:
    first = shop.register(run="run-A")
    again = shop.register(run="run-A")

    assert (first, again) == (1, 1)
    assert shop.calls("register") == ["register"]


@pytest.mark.parametrize("has_versions", [False, True], ids=["first", "following"])
def test_a_lost_answer_to_an_upload_makes_no_second_version(
    shop: Shop, *, has_versions: bool
) -> None:
    if has_versions:
        shop.register()
    shop.fault("lost", "register")

    number = shop.register()

    assert number == (2 if has_versions else 1)
    assert len(shop.listed()) == number


def test_what_is_known_of_a_version_is_read_back(shop: Shop) -> None:
    version = shop.version(shop.register())

    assert (version.digest, version.metrics) == (digest_of(1), {"auc": 0.51})
    assert (version.job, version.run_key, version.author) == ("delay", "key1", "mary")
    assert version.artifact.endswith("/runs/delay/run-1/model")


def test_an_approval_tells_who_and_why_and_stays(shop: Shop) -> None:
    number = shop.register("pending")

    done = shop.approve(number, comment="good")

    assert (done.status, done.approver, done.comment) == ("approved", "ada", "good")
    assert done.metrics == {"auc": 0.51}
    assert shop.listed()[0].status == "approved"


def test_two_who_write_of_a_version_at_once_forget_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.register("pending")
    (item,) = shop.listed()
    documents, note = shop.adapter.documents, shop.adapter.registry.note
    read = documents.read_generation

    with monkeypatch.context() as patched:

        def late(*where: Any) -> Any:
            found = read(*where)
            patched.undo()
            note(shop.place, item, comment="meanwhile")
            return found

        patched.setattr(documents, "read_generation", late)
        note(shop.place, item, approver="ada")

    version = shop.version(1)
    assert (version.approver, version.comment) == ("ada", "meanwhile")
    assert version.digest == digest_of(1)


@of_each("note", azure=["note"], gcp=["note"])
def test_a_version_is_not_decided_before_its_run_has_told_what_it_is(
    shop: Shop, note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its run says alone would let it be deployed: nothing says which files may be loaded."""
    with monkeypatch.context() as patched:
        patched.setattr(shop.adapter.registry, note, lambda *_, **__: None)
        number = shop.register("pending", run="run-A")

    with pytest.raises(OperationError, match="is being registered"):
        shop.approve(number)
    assert shop.register("pending", run="run-A") == number
    shop.approve(number)


def test_a_rejected_version_is_not_approved_later(shop: Shop) -> None:
    number = shop.register("pending")
    shop.reject(number)

    with pytest.raises(OperationError, match="was rejected for good"):
        shop.approve(number)


def test_the_champion_is_not_rejected(shop: Shop) -> None:
    number = shop.register()
    shop.name("champion", number)

    with pytest.raises(OperationError, match="carries the alias `champion`"):
        shop.reject(number)


def test_in_regulated_nobody_approves_a_version_of_ones_own(shop: Shop) -> None:
    number = shop.register("pending")
    record = {"profile": "regulated", "approval": "manual"}
    shop.write(policy_path(shop.model), record)

    with pytest.raises(OperationError, match="`mary` is the author"):
        shop.approve(number, approver="mary")


def test_an_alias_is_one_versions_alone_and_a_clouds_own_is_not_ours(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    shop.name("champion", 1)
    shop.name("champion", 2)

    assert {item.number: item.aliases for item in shop.listed()} == {2: ("champion",), 1: ()}


def test_removing_a_record_removes_versions_and_what_lies_beside(shop: Shop) -> None:
    model = shop.model
    inputs = {
        "bucket": model.bucket,
        "model": model.name,
        "component": "late",
        "approval": "manual",
    }
    handler = shop.adapter.model_versions.ModelVersionsHandler()
    name, state = handler.create(inputs, shop.call())
    for _ in range(2):
        shop.register()

    read = handler.read(name, state, shop.call())
    handler.delete(name, state, shop.call())

    assert read is not None
    assert read.inputs == inputs
    assert shop.listed() == []
    assert shop.paths("models/") == []
    assert handler.read(name, state, shop.call()) is None
