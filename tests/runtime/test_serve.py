"""Proves, on a real server process, each platform's contract, the guards, and the reload.

The platforms are their variables and bodies as documented; none of them is involved.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest

from mlops_iac.runtime import tree_digest

ROWS = [[0.0, 1.0], [3.0, 0.0]]
NAMED = [{"a": a, "b": b} for a, b in ROWS]
FLAT = [value for row in ROWS for value in row]
CALLS = [
    ("/invocations", {"dataframe_split": {"columns": ["a", "b"], "data": ROWS}}),
    ("/aip", {"instances": ROWS, "parameters": {}}),
    ("/score", {"input_data": {"columns": ["a", "b"], "index": [0, 1], "data": ROWS}}),
    ("/v1/models/late:predict", {"instances": NAMED}),
    ("/predict", {"inputs": {"a": [0.0, 3.0], "b": [1.0, 0.0]}}),
    ("/predict", ROWS),
]
V2 = {"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": FLAT}]}


def deploy(file: Path, model: Path, version: str, digest: str | None = None) -> None:
    document = {
        "model_path": str(model), "digest": digest or tree_digest(model), "version": version,
    }  # fmt: skip
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(document))
    temporary.replace(file)


class Running:
    def __init__(self, folder: Path, model: Path) -> None:
        self.deployment, self.capture = folder / "deployment.json", folder / "capture"
        token, address = folder / "token", folder / "address"
        token.write_text("s3cret")
        token.chmod(0o600)
        deploy(self.deployment, model, "1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlops_iac.runtime.serve", "serve"],
            env={
                "PATH": os.environ["PATH"], "MLOPS_HOST": "127.0.0.1", "MLOPS_PORT": "0",
                "MLOPS_TOKEN_FILE": str(token), "MLOPS_ADDRESS_FILE": str(address),
                "MLOPS_DEPLOYMENT_FILE": str(self.deployment), "MLOPS_MODEL_NAME": "late",
                "MLOPS_CAPTURE_DIR": str(self.capture), "AIP_PREDICT_ROUTE": "/aip",
                "MLOPS_BODY_LIMIT": "10000", "MLOPS_POLL_SECONDS": "0.2",
                "MLOPS_BODY_SECONDS": "1",
            },
            stdout=(folder / "log").open("w"),
        )  # fmt: skip
        until(address.is_file)
        self.client = httpx.Client(
            base_url=f"http://{address.read_text().strip()}",
            headers={"authorization": "Bearer s3cret"},
            trust_env=False,
        )
        until(lambda: self.client.get("/ping").status_code == 200)

    def stop(self) -> int:
        self.client.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


def until(condition, seconds: float = 40) -> None:  # noqa: ANN001
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the deadline passed"
        time.sleep(0.02)


@pytest.fixture
def server(tmp_path: Path, models: Path) -> Iterator[Running]:
    running = Running(tmp_path, models / "sklearn")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_contracts_guards_reload_and_stop(server: Running, models: Path) -> None:
    client = server.client
    for path, body in CALLS:
        assert client.post(path, json=body).json() == {"predictions": [0, 1]}, path
    for text in ("0,1\n3,0\n", "b,a\n1,0\n0,3\n"):
        csv = client.post("/invocations", content=text, headers={"content-type": "text/csv"})
        assert csv.json() == {"predictions": [0, 1]}
    assert client.post("/v2/models/late/infer", json=V2).json()["outputs"][0]["data"] == [0, 1]

    bare = {"authorization": ""}
    assert client.get("/v2/health/ready", headers=bare).status_code == 200
    for path in ("/metrics", "/admin/status"):
        assert client.get(path, headers=bare).status_code == 401
    assert client.post("/predict", json=ROWS, headers=bare).status_code == 401
    assert client.get("/ping", headers={"host": "evil.example"}).status_code == 421
    assert client.post("/predict", content=b"x" * 10001).status_code == 413
    chunks = client.post("/predict", content=iter([b"x" * 6000] * 3))
    assert chunks.status_code == 413
    xml = client.post("/predict", content="<a/>", headers={"content-type": "text/xml"})
    assert xml.status_code == 415
    nan = client.post("/predict", content='{"instances": [{"a": NaN, "b": 1}]}')
    assert (nan.status_code, "`a`" in nan.json()["error"]) == (400, True)

    codes: list[int] = []
    ended = threading.Event()

    def load() -> None:
        while not ended.is_set():
            codes.append(client.post("/predict", json=ROWS).status_code)

    caller = threading.Thread(target=load)
    caller.start()
    deploy(server.deployment, models / "xgboost", "2")
    until(lambda: client.get("/admin/status").json()["version"] == "2")
    deploy(server.deployment, models / "other", "3", digest="sha256:" + "0" * 64)
    until(lambda: client.get("/admin/status").json()["error"])
    ended.set()
    caller.join()
    assert set(codes) == {200}
    assert client.get("/admin/status").json()["version"] == "2"
    assert client.post("/admin/reload").status_code == 409
    assert 'version="2"' in client.get("/metrics").text

    assert server.stop() == 0
    files = sorted(server.capture.glob("*.parquet"))
    rows = pd.concat([pd.read_parquet(file) for file in files])
    assert len(rows) == 2 * (9 + len(codes))
    assert {"inputs.a", "inputs.b", "prediction", "timestamp"} <= set(rows.columns)
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
