"""The plugin as a process, without an engine: how it explains itself and how it ends."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_iac.plugin.install import plugin_command
from tests.plugin.world import is_alive
from tests.support.waiting import eventually

ENGINE = "127.0.0.1:9"


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    """A plugin that has announced its port."""
    process = subprocess.Popen(
        [*plugin_command(), ENGINE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) > 0
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_started_by_hand_it_says_what_to_do() -> None:
    done = subprocess.run(plugin_command(), capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "mlops-iac plugin install" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(plugin: subprocess.Popen[str], number: signal.Signals) -> None:
    plugin.send_signal(number)

    assert plugin.wait(timeout=5) == 0


def test_the_end_of_stdin_ends_it(plugin: subprocess.Popen[str]) -> None:
    assert plugin.stdin is not None
    plugin.stdin.close()

    assert plugin.wait(timeout=5) == 0


def test_it_lets_go_of_the_engine_s_pipes(plugin: subprocess.Popen[str]) -> None:
    """What a handler starts inherits descriptors 0 to 2, and must not keep the engine waiting."""
    descriptors = [str(Path(f"/proc/{plugin.pid}/fd/{number}").readlink()) for number in range(3)]

    assert descriptors == ["/dev/null"] * 3


def test_the_death_of_its_parent_ends_it() -> None:
    """Also with a stdin that never ends, as under a debugger."""
    starter = (
        "import subprocess, sys, time\n"
        f"p = subprocess.Popen({[*plugin_command(), ENGINE]!r}, stdin=subprocess.DEVNULL,"
        " stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline(); print(p.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    assert is_alive(child)

    parent.kill()
    parent.communicate()

    eventually(lambda: not is_alive(child), within=8, what="the end of the plugin")
