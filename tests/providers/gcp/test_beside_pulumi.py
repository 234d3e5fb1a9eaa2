"""Google's clients in the plugin's process, whose protocol brings messages of Google's too."""

import subprocess
import sys

PROGRAM = """\
import grpc
from mlops_iac.plugin.failures import CallError, Partial, Reason
from mlops_iac.plugin import server

partial = Partial(id="a", state={}, inputs={})
error = CallError("half done", Reason.BROKEN, partial)
print(server._partial_details(error, partial, grpc.StatusCode.UNKNOWN).count(b"half done"))
import google.api_core.exceptions
"""


def test_googles_clients_can_be_imported_after_a_failure_was_told() -> None:
    """Both have `google.rpc.Status`, and a process takes one of them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr
