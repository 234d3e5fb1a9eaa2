"""What a server writes: a file beside the run, and rows of Log Analytics for a Container App."""

from collections.abc import Sequence
from pathlib import Path

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.logs import LogStream
from tests.clouds.azure.work.times import stamp

CONSOLE = "console.log"
"""The file in a run's folder with all that was written."""


def server_log(run: Run) -> LogStream:
    """Return the log of a deployment."""
    return LogStream(lambda lines: _write(run.root / CONSOLE, lines))


def app_log(run: Run, api: Api, app: str) -> LogStream:
    """Return the log of a revision: the rows are those of `ContainerAppConsoleLogs_CL`."""

    def put(lines: Sequence[str]) -> None:
        _write(run.root / CONSOLE, lines)
        common = {"ContainerAppName_s": app, "RevisionName_s": run.id, "Stream_s": "stdout"}
        rows = [{**common, "TimeGenerated": stamp(), "Log_s": line} for line in lines if line]
        _ = api, rows

    return LogStream(put)


def _write(file: Path, lines: Sequence[str]) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write("".join(f"{line}\n" for line in lines))
