"""The plugin's answers on the wire, asked by a plain gRPC client in place of the engine."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from mlops_iac.plugin.install import plugin_command
from mlops_iac.plugin.values import UNKNOWN, encode
from mlops_iac.version import VERSION
from tests.plugin.world import World
from tests.support.engine import REPOSITORY
from tests.support.fake_provider import LOCATION
from tests.support.waiting import eventually

PREFIX = "urn:pulumi:dev::tests::mlops-iac:test:"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def plugin(world: World) -> Iterator[Any]:
    """A configured plugin with one worker thread; no engine listens at the address it got."""
    environment = {
        **os.environ,
        "MLOPS_IAC_HANDLERS": LOCATION,
        "MLOPS_IAC_PARALLEL": "1",
        "PYTHONPATH": str(REPOSITORY),
        "XDG_STATE_HOME": str(world.root / "state"),
    }
    process = subprocess.Popen(
        [*plugin_command(), "127.0.0.1:9"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        configure(stub, root=str(world.root))
        yield stub
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


def configure(stub: Any, **config: Any) -> None:
    stub.Configure(provider_pb2.ConfigureRequest(args=encode(config)))


def create(stub: Any, name: str, seconds: float) -> Any:
    """Start a create; the future is the engine's view of it."""
    properties = encode({"seconds": seconds})
    request = provider_pb2.CreateRequest(urn=f"{PREFIX}Slow::{name}", properties=properties)
    return stub.Create.future(request)


def test_it_tells_its_version_and_schema(plugin: Any) -> None:
    schema = plugin.GetSchema(provider_pb2.GetSchemaRequest()).schema

    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == VERSION
    assert "mlops-iac:test:Thing" in schema


def test_another_configuration_is_refused(plugin: Any, world: World) -> None:
    configure(plugin, root=str(world.root))

    with pytest.raises(grpc.RpcError) as caught:
        configure(plugin, root="/elsewhere")

    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "another configuration" in caught.value.details()


def test_cancel_and_checks_are_answered_while_every_worker_is_taken(
    plugin: Any, world: World
) -> None:
    """One create runs, one waits for its thread; after `Cancel` the second never begins."""
    calls = [create(plugin, name, 60) for name in "ab"]
    eventually(lambda: world.events, what="the first create")
    started = time.monotonic()
    news = encode({"value": "x"})
    plugin.Check(provider_pb2.CheckRequest(urn=f"{PREFIX}Thing::x", news=news))
    plugin.Cancel(empty_pb2.Empty())
    codes = {call.exception().code() for call in calls}

    assert time.monotonic() - started < 1
    assert codes == {grpc.StatusCode.CANCELLED}
    assert len(world.events) == 1


def test_an_unknown_input_is_a_change_on_the_wire(plugin: Any) -> None:
    answer = plugin.Diff(
        provider_pb2.DiffRequest(
            urn=f"{PREFIX}Thing::x",
            id="x",
            old_inputs=encode({"kind": "a"}),
            news=encode({"kind": UNKNOWN}),
        )
    )

    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.diffs) == ["kind"]
    assert list(answer.replaces) == []
