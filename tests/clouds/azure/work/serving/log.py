"""What a server writes: a file beside the run, and rows in Log Analytics where they are wanted."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api, RefusedError
from tests.clouds.azure.work.times import stamp
from tests.clouds.lines import LogStream

LOG = "log"
"""The file in a run's folder from which `getLogs` answers."""
_OF_ENDPOINT = "AmlOnlineEndpointConsoleLog"
_OF_APP, _OF_APP_TABLE = "ContainerAppConsoleLogs", "ContainerAppConsoleLogs_CL"


def endpoint_log(run: Run, api: Api) -> LogStream:
    """Return the log of a deployment; its rows go where the endpoint's diagnostics send them."""
    *_, endpoint, _, deployment = run.name.split("/")
    common = {"EndpointName": endpoint, "DeploymentName": deployment}
    common |= {"ContainerName": "inference-server", "InstanceId": f"{deployment}-0"}
    path = f"resources{run.name.rpartition('/deployments/')[0]}?category={_OF_ENDPOINT}"
    return _log(run, api, path, common, "Message")


def app_log(run: Run, api: Api) -> LogStream:
    """Return the log of a revision; its rows go where the environment's logs go."""
    app: Mapping[str, Any] = run.request["app"]
    names = {"ContainerAppName": app["name"], "RevisionName": run.id, "Stream": "stdout"}
    environment = app["properties"]["managedEnvironmentId"]
    told = (run.resource(environment) or {}).get("properties", {}).get("appLogsConfiguration") or {}
    customer = (told.get("logAnalyticsConfiguration") or {}).get("customerId")
    if customer:
        # A table of one's own, whose columns' names tell their types.
        own = {f"{name}_s": value for name, value in names.items()}
        return _log(run, api, f"tables/{customer}/{_OF_APP_TABLE}", own, "Log_s")
    path = f"resources{environment}?category={_OF_APP}" if told.get("destination") else ""
    return _log(run, api, path, names, "Log")


def _log(run: Run, api: Api, path: str, common: Mapping[str, str], column: str) -> LogStream:
    file: Path = run.root / LOG

    def put(lines: Sequence[str]) -> None:
        with file.open("a", encoding="utf-8") as opened:
            opened.write("".join(f"{line}\n" for line in lines))
        rows = [{**common, "TimeGenerated": stamp(), column: line} for line in lines if line]
        if path and rows:
            # Where nobody keeps them they are lost.
            with suppress(RefusedError):
                api.call("POST", "logs", path, rows)

    return LogStream(put)
