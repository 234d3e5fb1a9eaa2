"""The traffic of a month, as an airline's own application would send it, and what comes of it."""

import http.client
import json
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import data
import pandas as pd
from mlops_iac_local import store
from mlops_iac_local.layout import Layout
from steps import Steps

COLUMNS = ["carrier", "hour", "temp", "dewp", "humid", "wind_speed", "pressure", "visib"]
POLL_SECONDS = 1.5
CHECK_SECONDS = 90


class Replay:
    """Asks the endpoint about flights of the past, each with what was known at its time."""

    def __init__(self, steps: Steps, layout: Layout) -> None:
        self.steps = steps
        self.url = urlsplit(steps.status("score")["details"]["url"])
        self.token = (layout.endpoint("score") / "token").read_text(encoding="utf-8")
        run = steps.document("runs", "hourly", "--json")[0]
        folder = store.data(layout, run["outputs"]["airports"])
        self.seen = len(self._checks())
        self.report = ""
        self.airports = pd.read_parquet(folder).sort_values("time")

    def month(self, month: int, count: int) -> None:
        """Ask about flights of a month, one request each, with an id by which to know them."""
        flights = self._joined(data.month_of(month, count))
        rows = json.loads(flights[COLUMNS].to_json(orient="records"))
        began = time.monotonic()
        with closing(http.client.HTTPConnection(str(self.url.netloc), timeout=30)) as connection:
            for flight, row in zip(flights.flight_id, rows, strict=True):
                self._ask(connection, row, f"flight-{flight}")
        each = (time.monotonic() - began) / count
        print(f"{count} flights, one request each: {1000 * each:.1f} ms a flight", flush=True)

    def truth(self, month: int, count: int) -> Path:
        """Write what became of the flights that were asked about."""
        flights = data.month_of(month, count)
        known = {"request_id": "flight-" + flights.flight_id.astype(str), "late": flights.late}
        path = data.FOLDER / f"truth-{month:02}.csv"
        pd.DataFrame(known).to_csv(path, index=False)
        return path

    def next_check(self) -> dict[str, Any]:
        """Wait for the next check of the monitor, and return its report."""
        deadline = time.monotonic() + CHECK_SECONDS
        while len(found := self._checks()) <= self.seen:
            self.steps.require(time.monotonic() < deadline, "the monitor does not check")
            time.sleep(POLL_SECONDS)
        self.seen = len(found)
        self.report = next(path for path in found[0]["reports"] if path.endswith("report.json"))
        return json.loads(Path(self.report).read_text(encoding="utf-8"))

    def tell(self, check: Mapping[str, Any]) -> None:
        """Show how far each column is from what the model learned, and each signal's reason."""
        for name, column in check["signals"]["data_drift"]["columns"].items():
            print(f"  {name:<12} {column['value']:6.2f} {'  drifted' * column['alarm']}")
        for name, signal in check["signals"].items():
            print(f"  {name}: {signal['reason']}", flush=True)

    def drifted(self, check: Mapping[str, Any]) -> str:
        """Return how many of the columns drifted, such as `6/8`."""
        columns = check["signals"]["data_drift"]["columns"].values()
        return f"{sum(column['alarm'] for column in columns)}/{len(columns)}"

    def _checks(self) -> list[dict[str, Any]]:
        found = self.steps.document("runs", "watch", "--json")
        return [run for run in found if run["status"] == "finished"]

    def wait_for_version(self, version: int, seconds: float) -> None:
        """Wait until the endpoint serves a version."""
        deadline = time.monotonic() + seconds
        while self.steps.status("score")["details"].get("version") != version:
            self.steps.require(
                time.monotonic() < deadline, f"version {version} is not served in {seconds} s"
            )
            time.sleep(POLL_SECONDS)

    def _joined(self, flights: pd.DataFrame) -> pd.DataFrame:
        return pd.merge_asof(
            flights.sort_values("time"),
            self.airports,
            on="time",
            by="origin",
            tolerance=pd.Timedelta(hours=6),
        )

    def _ask(
        self, connection: http.client.HTTPConnection, row: Mapping[str, Any], request_id: str
    ) -> None:
        connection.request(
            "POST",
            self.url.path,
            body=json.dumps({"instances": [row]}),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-Request-Id": request_id,
            },
        )
        answer = connection.getresponse()
        body = answer.read().decode()
        self.steps.require(answer.status == http.client.OK, f"{answer.status}: {body}")
