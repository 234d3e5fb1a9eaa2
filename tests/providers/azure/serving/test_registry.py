"""Versions in Azure ML: claimed, registered once, approved, named; on the test cloud.

Proves what is asked of Azure ML and what is made of its answers; that it behaves so is the test
cloud's word.
"""

from typing import Any

import pytest
from mlops_iac_azure import documents, registry
from mlops_iac_azure.resources.model_versions import ModelVersionsHandler

from mlops_iac.errors import OperationError
from tests.providers.azure.serving.world import Shop, digest_of


def test_ten_comes_after_nine(shop: Shop) -> None:
    """Names of versions are texts: ten would stand before two."""
    for _ in range(11):
        shop.register()

    assert [item.number for item in registry.listed(shop.place, shop.model)] == [*range(11, 0, -1)]


def test_a_model_without_versions_is_an_empty_list_and_no_error(shop: Shop) -> None:
    assert registry.listed(shop.place, shop.model) == []


def test_a_run_that_registers_again_is_given_its_version(shop: Shop) -> None:
    first = shop.register(run="run-A")
    again = shop.register(run="run-A")

    assert (first, again) == (1, 1)
    assert len(shop.calls("versions.put")) == 1


@pytest.mark.parametrize("has_versions", [False, True], ids=["first", "following"])
def test_a_lost_answer_to_an_upload_makes_no_second_version(
    shop: Shop, *, has_versions: bool
) -> None:
    if has_versions:
        shop.register()
    shop.cloud.faults.ask("lost", "models/versions.put")

    number = shop.register()

    assert number == (2 if has_versions else 1)
    assert len(registry.listed(shop.place, shop.model)) == number


def test_two_runs_that_register_at_once_get_two_numbers(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure ML takes whatever number it is given: the second would write over the first."""
    write, numbers = documents.write, list[int]()

    with monkeypatch.context() as patched:

        def late(*where: Any, **told: Any) -> bool:
            patched.undo()
            numbers.append(shop.register(run="run-B"))
            return write(*where, **told)

        patched.setattr(documents, "write", late)
        numbers.append(shop.register(run="run-A"))

    assert numbers == [1, 2]
    runs = {item.number: item.run for item in registry.listed(shop.place, shop.model)}
    assert runs == {1: "run-b", 2: "run-a"}


def test_a_run_that_was_killed_after_its_claim_keeps_its_number(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.rest.call

    def killed(place: Any, verb: str, *rest_: Any, **told: Any) -> Any:
        if verb == "PUT":
            raise KeyboardInterrupt
        return real(place, verb, *rest_, **told)

    with monkeypatch.context() as patched:
        patched.setattr(registry.rest, "call", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.register(run="run-A")

    assert shop.register(run="run-B") == 2
    assert shop.register(run="run-A") == 1


def test_a_number_is_never_given_again(shop: Shop) -> None:
    """Azure ML deletes no version: it is archived, and its number stays taken."""
    shop.register(run="run-A")
    (item,) = registry.listed(shop.place, shop.model)

    registry.remove(shop.place, item)

    assert registry.listed(shop.place, shop.model) == []
    assert shop.register(run="run-B") == 2


def test_what_is_known_of_a_version_is_read_back(shop: Shop) -> None:
    version = registry.version(shop.place, shop.model, shop.register())

    assert (version.digest, version.metrics) == (digest_of(1), {"auc": 0.51})
    assert (version.job, version.run_key, version.author) == ("delay", "key1", "mary")
    assert version.artifact.endswith("/runs/delay/run-1/model")
    told = shop.ask("GET", version.name)["properties"]
    assert told["modelUri"].endswith("/datastores/mlops_iac/paths/runs/delay/run-1/model")
    assert (told["modelType"], told["stage"]) == ("custom_model", "Approved")


def test_an_approval_tells_who_and_why_and_stays(shop: Shop) -> None:
    number = shop.register("pending")

    done = registry.approve(shop.place, shop.model, number, approver="ada", comment="good")

    assert (done.status, done.approver, done.comment) == ("approved", "ada", "good")
    assert done.metrics == {"auc": 0.51}
    assert registry.listed(shop.place, shop.model)[0].status == "approved"


def test_two_who_write_of_a_version_at_once_forget_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.register("pending")
    (item,) = registry.listed(shop.place, shop.model)
    read = documents.read_generation

    with monkeypatch.context() as patched:

        def late(*where: Any) -> Any:
            found = read(*where)
            patched.undo()
            registry.note(shop.place, item, comment="meanwhile")
            return found

        patched.setattr(documents, "read_generation", late)
        registry.note(shop.place, item, approver="ada")

    version = registry.version(shop.place, shop.model, 1)
    assert (version.approver, version.comment) == ("ada", "meanwhile")
    assert version.digest == digest_of(1)


def test_a_version_is_not_decided_before_its_run_has_told_what_it_is(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stage alone would let it be deployed: then nothing says which files may be loaded."""
    with monkeypatch.context() as patched:
        patched.setattr(registry, "_note", lambda *_, **__: None)
        number = shop.register("pending", run="run-A")

    with pytest.raises(OperationError, match="is being registered"):
        registry.approve(shop.place, shop.model, number, approver="ada", comment="")
    assert shop.register("pending", run="run-A") == number
    registry.approve(shop.place, shop.model, number, approver="ada", comment="")


def test_a_rejected_version_is_not_approved_later(shop: Shop) -> None:
    number = shop.register("pending")
    registry.reject(shop.place, shop.model, number, approver="ada", comment="biased")

    with pytest.raises(OperationError, match="was rejected for good"):
        registry.approve(shop.place, shop.model, number, approver="ada", comment="")


def test_the_champion_is_not_rejected(shop: Shop) -> None:
    number = shop.register()
    registry.set_alias(shop.place, shop.model, "champion", number)

    with pytest.raises(OperationError, match="carries the alias `champion`"):
        registry.reject(shop.place, shop.model, number, approver="ada", comment="")


def test_in_regulated_nobody_approves_a_version_of_ones_own(shop: Shop) -> None:
    number = shop.register("pending")
    record = {"profile": "regulated", "approval": "manual"}
    documents.write(shop.place, shop.model.bucket, registry.policy_path(shop.model), record)

    with pytest.raises(OperationError, match="`mary` is the author"):
        registry.approve(shop.place, shop.model, number, approver="mary", comment="")


def test_an_alias_is_one_versions_alone(shop: Shop) -> None:
    for _ in range(2):
        shop.register()
    registry.set_alias(shop.place, shop.model, "champion", 1)
    registry.set_alias(shop.place, shop.model, "champion", 2)

    found = {item.number: item.aliases for item in registry.listed(shop.place, shop.model)}
    assert found == {2: ("champion",), 1: ()}


def test_removing_a_record_removes_versions_and_what_lies_beside(shop: Shop) -> None:
    model = shop.model
    inputs = {
        "bucket": model.bucket,
        "model": model.name,
        "component": "late",
        "approval": "manual",
    }
    handler = ModelVersionsHandler()
    name, state = handler.create(inputs, shop.call())
    for _ in range(2):
        shop.register()

    read = handler.read(name, state, shop.call())
    handler.delete(name, state, shop.call())

    assert read is not None
    assert read.inputs == inputs
    assert registry.listed(shop.place, model) == []
    assert documents.paths(shop.place, model.bucket, "models/") == []
    assert handler.read(name, state, shop.call()) is None
