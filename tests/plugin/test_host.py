# ruff: noqa: ARG001, ARG002, ARG005  probes take what handlers take
"""The host alone, without wire and engine.

Proves what becomes of unknowns, secrets, versions, partial failures and the journal; that the
engine understands the answers is for the engine tests.
"""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.custom import Call, Existing, Handler, Properties
from mlops_iac.errors import MlopsError
from mlops_iac.plugin import registry
from mlops_iac.plugin.failures import CallError, Reason
from mlops_iac.plugin.host import Host, Resource
from mlops_iac.plugin.records import STAMP
from mlops_iac.plugin.values import UNKNOWN, Secret, plain

URN = "urn:pulumi:dev::tests::mlops-iac:index:ModelEndpoint$mlops-iac:test:Probe::my::probe"
VERSION_1 = {"version": 1, "writer": "0.0.9"}


class Probe(Handler):
    """Does what a test tells it to."""

    token = "mlops-iac:test:Probe"
    schema_version = 2
    replace_on = frozenset({"kind"})
    ignore = frozenset({"note"})
    secret_outputs = frozenset({"token"})
    stable_outputs = frozenset({"address"})

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.does: Any = lambda call: ("the-id", {})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        self.seen.append(inputs)
        return self.does(call)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        self.seen.append(state)
        return self.does(call)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        self.seen.append((state, inputs))
        return self.does(call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        self.seen.append(state)

    def migrate(self, state: Properties, version: int) -> Properties:
        return {**state, "migrated": version}


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    handler = Probe()
    monkeypatch.setattr(registry, "_extra", lambda: {Probe.token: handler})
    return handler


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def host(probe: Probe, tmp_path: Path, told: list[str]) -> Host:
    return Host(tell=lambda _, message: told.append(message), config={"root": str(tmp_path)})


RESOURCE = Resource(urn=URN, id="the-id")


def test_a_urn_tells_type_and_name() -> None:
    assert (RESOURCE.token, RESOURCE.name) == ("mlops-iac:test:Probe", "my::probe")


# --- unknown values ---


def test_an_unknown_input_may_change_and_never_replaces(host: Host) -> None:
    change = host.diff(RESOURCE, {}, {"kind": "a", "size": 1}, {"kind": UNKNOWN, "size": 1})

    assert change.changed == ("kind",)
    assert change.replaces == ()


@pytest.mark.parametrize("value", [{"deep": [UNKNOWN]}, Secret(UNKNOWN), [1, UNKNOWN]])
def test_an_unknown_part_makes_the_whole_input_unknown(host: Host, value: Any) -> None:
    assert host.diff(RESOURCE, {}, {"size": 1}, {"size": value}).changed == ("size",)


def test_an_unknown_that_is_ignored_is_no_change(host: Host) -> None:
    assert host.diff(RESOURCE, {}, {"note": "x"}, {"note": UNKNOWN}).changed == ()


def test_a_known_replacement_is_seen_beside_an_unknown(host: Host) -> None:
    change = host.diff(RESOURCE, {}, {"kind": "a", "size": 1}, {"kind": "b", "size": UNKNOWN})

    assert (change.changed, change.replaces) == (("kind", "size"), ("kind",))


def test_a_handler_that_sees_unknowns_would_fail_so_it_does_not(host: Host, probe: Probe) -> None:
    seen: list[Any] = []
    probe.check = lambda inputs: seen.append(inputs) or ()  # type: ignore[method-assign]  a probe
    host.check(RESOURCE, {"a": 1, "b": [UNKNOWN], "__defaults": []})

    assert seen == [{"a": 1}]


def test_nothing_is_made_of_an_unknown(host: Host, probe: Probe) -> None:
    with pytest.raises(CallError, match="`size` not known"):
        host.create(RESOURCE, {"size": UNKNOWN}, preview=False)

    assert probe.seen == []


def test_a_preview_calls_no_handler(host: Host, probe: Probe) -> None:
    assert host.create(RESOURCE, {"size": UNKNOWN}, preview=True) == ("", {})

    state = {"address": "here", "size": 1, STAMP: {"version": 2, "writer": "1"}}
    previewed = host.update(RESOURCE, state, {"size": 1}, {"size": 2}, preview=True)

    assert previewed == {**state, "size": UNKNOWN}
    assert probe.seen == []


# --- secrets ---


def test_a_handler_gets_plain_values_and_its_outputs_are_marked(host: Host, probe: Probe) -> None:
    probe.does = lambda call: (
        "the-id",
        {"token": "t", "url": "pg://hunter22@x", "password": "other", "free": [1, "hunter22"]},
    )
    _, state = host.create(RESOURCE, {"password": Secret("hunter22")}, preview=False)

    assert probe.seen == [{"password": "hunter22"}]
    assert state["token"] == Secret("t")
    assert state["url"] == Secret("pg://hunter22@x")
    assert state["password"] == Secret("other")
    assert state["free"] == [1, Secret("hunter22")]


def test_a_read_keeps_secret_what_was(host: Host, probe: Probe) -> None:
    probe.does = lambda call: Existing(
        id="the-id", state={"key": "k2"}, inputs={"password": "p2", "size": 3}
    )
    found = host.read(RESOURCE, {"key": Secret("k1")}, {"password": Secret("p1"), "size": 3})

    assert found is not None
    assert found[1]["key"] == Secret("k2")
    assert found[2] == {"password": Secret("p2"), "size": 3}


def test_secrets_are_hidden_in_progress_and_journal(
    host: Host, probe: Probe, told: list[str], tmp_path: Path
) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        call.log("using hunter22 and topsecret")
        call.journal("put", url="pg://hunter22@x", deep={"list": ["hunter22"]})
        raise MlopsError("no")

    probe.does = create
    host.config = {**host.config, "key": Secret("topsecret")}
    with pytest.raises(CallError):
        host.create(RESOURCE, {"password": Secret("hunter22")}, preview=False)
    (journal,) = tmp_path.glob("journal/*")

    assert told == ["using [secret] and [secret]"]
    assert json.loads(journal.read_text())["facts"] == {
        "url": "pg://[secret]@x",
        "deep": {"list": ["[secret]"]},
    }


def test_short_secrets_do_not_garble_messages(host: Host, probe: Probe) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        raise MlopsError("container is on")

    probe.does = create
    with pytest.raises(CallError, match="container is on"):
        host.create(RESOURCE, {"switch": Secret("on")}, preview=False)


# --- versions of the state ---


def test_old_state_is_migrated_before_the_handler_sees_it(host: Host, probe: Probe) -> None:
    probe.does = lambda call: {"size": 2}
    old = {"size": 1, STAMP: VERSION_1}
    state = host.update(RESOURCE, old, {"size": 1}, {"size": 2}, preview=False)

    assert probe.seen == [({"size": 1, "migrated": 1}, {"size": 2})]
    assert state[STAMP]["version"] == 2


def test_old_state_alone_is_a_change_that_calls_no_handler(host: Host, probe: Probe) -> None:
    old = {"size": 1, STAMP: VERSION_1}

    assert host.diff(RESOURCE, old, {"size": 1}, {"size": 1}).changed == (STAMP,)

    state = host.update(RESOURCE, old, {"size": 1}, {"size": 1}, preview=False)

    assert probe.seen == []
    assert state["migrated"] == 1
    assert state[STAMP]["version"] == 2


@pytest.mark.parametrize("operation", ["diff", "read", "update", "delete"])
def test_newer_state_is_refused_with_the_remedy(host: Host, operation: str) -> None:
    state = {STAMP: {"version": 3, "writer": "0.4.0"}}
    calls = {
        "diff": lambda: host.diff(RESOURCE, state, {}, {}),
        "read": lambda: host.read(RESOURCE, state, {}),
        "update": lambda: host.update(RESOURCE, state, {}, {}, preview=False),
        "delete": lambda: host.delete(RESOURCE, state, {}),
    }

    with pytest.raises(CallError, match=r"upgrade `mlops-iac` to at least 0\.4\.0"):
        calls[operation]()


def test_a_read_by_a_newer_release_of_the_same_schema_is_no_drift(host: Host, probe: Probe) -> None:
    probe.does = lambda call: Existing(id="the-id", state={"size": 1}, inputs={})
    state = {"size": 1, STAMP: {"version": 2, "writer": "0.0.1"}}
    found = host.read(RESOURCE, state, {})

    assert found is not None
    assert found[1] == state


# --- partial failure, cancellation, time ---


def test_what_exists_stays_in_state_when_its_call_fails(host: Host, probe: Probe) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        call.exists("early", {"token": "t"})
        raise MlopsError("later")

    probe.does = create
    with pytest.raises(CallError) as caught:
        host.create(RESOURCE, {"size": 1}, preview=False)
    partial = caught.value.partial

    assert partial is not None
    assert (partial.id, partial.inputs) == ("early", {"size": 1})
    assert partial.state["token"] == Secret("t")

    # Such a resource is finished by the next `up`, although no input changed.
    assert host.diff(RESOURCE, partial.state, {"size": 1}, {"size": 1}).changed == (STAMP,)

    probe.does = lambda call: {"token": "t"}
    state = host.update(RESOURCE, partial.state, {"size": 1}, {"size": 1}, preview=False)

    assert host.diff(RESOURCE, state, {"size": 1}, {"size": 1}).changed == ()


def test_without_an_id_nothing_stays_in_state(host: Host, probe: Probe) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        raise MlopsError("at once")

    probe.does = create
    with pytest.raises(CallError) as caught:
        host.create(RESOURCE, {}, preview=False)

    assert caught.value.partial is None
    assert caught.value.reason is Reason.REFUSED


def test_a_wait_ends_at_once_when_cancelled(host: Host, probe: Probe) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        threading.Timer(0.05, host.cancelled.set).start()
        call.wait(30)
        return "never", {}

    probe.does = create
    started = time.monotonic()
    with pytest.raises(CallError, match="was stopped on request") as caught:
        host.create(RESOURCE, {}, preview=False)

    assert time.monotonic() - started < 1
    assert caught.value.reason is Reason.CANCELLED


def test_a_call_that_waited_for_a_thread_does_not_begin_after_cancel(
    host: Host, probe: Probe
) -> None:
    host.cancelled.set()
    with pytest.raises(CallError, match="was stopped"):
        host.create(RESOURCE, {}, preview=False)

    assert probe.seen == []


def test_a_wait_ends_when_the_time_is_up(host: Host, probe: Probe) -> None:
    probe.does = lambda call: call.wait(30)
    with pytest.raises(CallError, match=r"longer than the 0\.05 s"):
        host.create(Resource(urn=URN, timeout=0.05), {}, preview=False)


# --- journal ---


def _intent(call: Call) -> tuple[str, Properties]:
    call.journal("put", object="x")
    return "the-id", {}


def test_an_intent_is_on_disk_before_the_outside_call(
    host: Host, probe: Probe, tmp_path: Path
) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        call.journal("put", object="x")
        (journal,) = tmp_path.glob("journal/*")
        record = json.loads(journal.read_text())
        assert record.pop("time") > 0
        assert record == {
            "operation": "put",
            "urn": URN,
            "name": "my::probe",
            "token": Probe.token,
            "facts": {"object": "x"},
        }
        assert journal.stat().st_mode & 0o777 == 0o600
        assert journal.parent.stat().st_mode & 0o777 == 0o700
        # Its own intents are no news to a call.
        assert call.intents() == ()
        return "the-id", {}

    probe.does = create
    host.create(RESOURCE, {}, preview=False)


def test_a_repeated_create_sees_what_the_interrupted_one_wrote(host: Host, probe: Probe) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        call.journal("put", object="x")
        raise MlopsError("interrupted")

    probe.does = create
    with pytest.raises(CallError):
        host.create(RESOURCE, {}, preview=False)
    seen: list[Any] = []
    probe.does = lambda call: (seen.extend(call.intents()), ("the-id", {}))[1]
    host.create(RESOURCE, {}, preview=False)

    assert [each["facts"] for each in seen] == [{"object": "x"}]


def test_a_create_whose_answer_the_engine_lost_is_told_its_id(host: Host, probe: Probe) -> None:
    probe.does = _intent
    host.create(RESOURCE, {}, preview=False)
    seen: list[Any] = []
    probe.does = lambda call: (seen.extend(call.intents()), ("the-id", {}))[1]
    host.create(RESOURCE, {}, preview=False)

    assert seen[-1]["operation"] == "created"
    assert seen[-1]["facts"] == {"id": "the-id"}


@pytest.mark.parametrize(("recorded", "left"), [("the-id", 0), ("another-id", 1)])
def test_the_journal_ends_when_the_engine_names_the_id(
    host: Host, probe: Probe, tmp_path: Path, recorded: str, left: int
) -> None:
    """Another id is the old resource of a replacement: its diff proves nothing of the new one."""
    probe.does = _intent
    host.create(RESOURCE, {}, preview=False)
    host.diff(Resource(urn=URN, id=recorded), {}, {}, {})

    assert len(list(tmp_path.glob("journal/*"))) == left


def test_a_delete_leaves_no_journal(host: Host, probe: Probe, tmp_path: Path) -> None:
    probe.does = _intent
    host.create(RESOURCE, {}, preview=False)
    host.delete(RESOURCE, {}, {})

    assert list(tmp_path.glob("journal/*")) == []


def test_a_torn_last_line_is_passed_over(host: Host, probe: Probe, tmp_path: Path) -> None:
    probe.does = _intent
    host.create(RESOURCE, {}, preview=False)
    (journal,) = tmp_path.glob("journal/*")
    journal.write_text(journal.read_text() + '{"operation": "pu')
    seen: list[Any] = []
    probe.does = lambda call: (seen.extend(call.intents()), ("the-id", {}))[1]
    host.create(RESOURCE, {}, preview=False)

    assert [each["operation"] for each in seen] == ["put", "created"]


# --- failures ---


def test_debug_shows_the_trace_and_still_no_secret(
    host: Host, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(call: Call) -> tuple[str, Properties]:
        raise ValueError("hunter22")

    probe.does = create
    monkeypatch.setenv("MLOPS_IAC_DEBUG", "1")
    with pytest.raises(CallError) as caught:
        host.create(RESOURCE, {"p": Secret("hunter22")}, preview=False)

    assert "Traceback" in caught.value.message
    assert "hunter22" not in caught.value.message


def test_an_unknown_type_is_refused_with_a_remedy(host: Host) -> None:
    urn = "urn:pulumi:dev::tests::mlops-iac:nowhere:Thing::x"

    with pytest.raises(CallError, match="no installed provider has the resource"):
        host.check(Resource(urn=urn), {})


def test_the_configuration_reaches_handlers_plain(host: Host, probe: Probe) -> None:
    seen: list[Any] = []
    host.config = {"root": host.config["root"], "key": Secret("s3cret"), "__internal": 1}
    probe.does = lambda call: (seen.append(call.config), ("the-id", {}))[1]
    host.create(RESOURCE, {}, preview=False)

    assert seen == [{"root": plain(host.config["root"]), "key": "s3cret"}]
