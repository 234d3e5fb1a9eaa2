"""Our model server beside bare FastAPI + pyfunc and `mlflow models serve`, in one run.

All serve one model, the demonstration's kind of pipeline on made-up flights, and must answer the
same. Ours has its token and captures all rows. Lines are `name ratio=… ours=… other=… unit=…`,
where ratio is ours / other, of medians of several turns:

* `serving_p50_fastapi`, `serving_p50_mlflow`: a request's time, one connection;
* `serving_p50_fastapi_plain`: the same for a server of ours that compiles no model;
* `serving_rate_fastapi`, `serving_rate_mlflow`, `serving_rate_mlflow_plain`: requests per second,
  8 connections;
* `serving_memory_fastapi`, `serving_memory_mlflow`: proportional set size after the load.

`--quick` takes fewer and shorter turns.
"""

import contextlib
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
CONNECTIONS = 8
TURNS, QUICK_TURNS = 7, 3
REQUESTS, QUICK_REQUESTS = 2000, 250
"""Of a turn; a tenth of it goes before, uncounted."""
START_SECONDS = 120
# The server of ours as it is for a model that no table covers.
PLAIN = (
    "import sys; from mlops_iac.runtime import serve; from mlops_iac.runtime.server import host;"
    " host._compiled = lambda model, reader: None; sys.exit(serve.main())"
)


@dataclass(frozen=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def mebibytes(self) -> float:
        """Return the proportional set size of the process and its children."""
        root = psutil.Process(self.process.pid)
        tree = [root, *root.children(recursive=True)]
        return sum(process.memory_full_info().pss for process in tree) / 2**20

    def ask(
        self, method: str, path: str, body: str | None = None, token: str = ""
    ) -> tuple[int, bytes]:
        """Return the status and the content of one answer."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def call(self, given: str, connections: int, requests: int) -> list[float]:
        """Return the seconds of all requests, then each one's."""
        command = [sys.executable, str(HERE / "_load.py")]
        numbers = [str(self.port), str(connections), str(requests)]
        done = subprocess.run(
            [*command, *numbers], input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"port {self.port}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def save_model(folder: Path) -> list[dict[str, Any]]:
    """Train and save the model; return rows to ask for."""
    import numpy as np
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    from mlops_iac.runtime.saving import infer_model_signature
    from mlops_iac.runtime.saving import save_model as save

    draw, rows = np.random.default_rng(0), 30_000
    words = {"carrier": 16, "origin": 3, "dest": 104}
    numbers = ("month", "day", "hour", "distance", "temp", "wind_speed", "precip", "visib")
    frame = pd.DataFrame(
        {
            **{name: draw.normal(50, 20, rows).round(2) for name in numbers},
            **{
                name: [f"{name}-{code}" for code in draw.integers(0, count, rows)]
                for name, count in words.items()
            },
        }
    )
    chance = frame.temp + frame.hour + 10 * frame.carrier.str.len() + draw.normal(0, 20, rows)
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(
        make_column_transformer((encode, list(words)), remainder="passthrough"),
        HistGradientBoostingClassifier(max_iter=60, random_state=0),
    ).fit(frame, chance > chance.mean())
    options = {"pyfunc_predict_fn": "predict_proba", "pip_requirements": ["scikit-learn"]}
    signature = infer_model_signature(model, frame.head(3), options)
    save(model, "sklearn", folder=folder, signature=signature, options=options)
    return frame.head(200).to_dict(orient="records")


def commands(folder: Path, token: str) -> Mapping[str, tuple[list[str], dict[str, str]]]:
    """Return each server's command without its port, and its variables."""
    from mlops_iac.runtime import tree_digest

    model = folder / "model"
    token_file = folder / "token"
    token_file.write_text(token)
    token_file.chmod(0o600)
    ours = {
        "MLOPS_HOST": "127.0.0.1",
        "MLOPS_TOKEN_FILE": str(token_file),
        "MLOPS_MODEL_DIR": str(model),
        "MLOPS_MODEL_DIGEST": tree_digest(model),
    }
    python = sys.executable
    mlflow = [python, "-m", "mlflow", "models", "serve", "--model-uri", str(model)]
    return {
        "ours": (
            [python, "-m", "mlops_iac.runtime.serve"],
            {**ours, "MLOPS_CAPTURE_DIR": str(folder / "capture")},
        ),
        "plain": (
            [python, "-c", PLAIN],
            {**ours, "MLOPS_CAPTURE_DIR": str(folder / "capture-plain")},
        ),
        "fastapi": (
            [python, "-m", "uvicorn", "--log-level", "warning", "--app-dir", str(HERE),
             "_pyfunc_app:app", "--port"],
            {"MODEL": str(model)},
        ),
        "mlflow": ([*mlflow, "--env-manager", "local", "--port"], {}),
    }  # fmt: skip


@contextlib.contextmanager
def running(folder: Path, token: str) -> Generator[dict[str, Server]]:
    """Start all servers, and end them with their children."""
    servers: dict[str, Server] = {}
    with contextlib.ExitStack() as stack:
        for name, (command, variables) in commands(folder, token).items():
            port = free_port()
            is_ours = "MLOPS_HOST" in variables
            log = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                command if is_ours else [*command, str(port)],
                env={**os.environ, **variables, **quiet(port)},
                stdout=log,
                stderr=log,
            )
            stack.callback(end, process)
            servers[name] = Server(process, port)
        for name, server in servers.items():
            wait(server, folder / f"{name}.log")
        yield servers


def quiet(port: int) -> dict[str, str]:
    """Return variables that every server gets."""
    return {
        "MLOPS_PORT": str(port),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # Threads that spin while they wait for others cost the ones beside us more than they cost
        # us: with two, FastAPI + pyfunc fell to 17 requests/s when the machine was busy.
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait(server: Server, log: Path) -> None:
    """Return once the server answers that it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            if server.ask("GET", "/ping")[0] == HTTPStatus.OK:
                return
        time.sleep(0.2)
    raise SystemExit(f"a server did not start:\n{log.read_text(errors='replace')[-2000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server with its children."""
    tree = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
    for child in tree:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def require_same(servers: Mapping[str, Server], bodies: list[str], token: str) -> None:
    """Fail when two servers answer a body differently."""
    for body in bodies[:20]:
        answers = {
            name: json.loads(server.ask("POST", "/invocations", body, token)[1])["predictions"]
            for name, server in servers.items()
        }
        if any(answer != answers["ours"] for answer in answers.values()):
            raise SystemExit(f"the servers differ: {answers}")


def measure(
    servers: Mapping[str, Server], given: str, turns: int, requests: int
) -> dict[str, dict[str, float]]:
    """Return server → median request time (ms), requests per second, memory (MiB)."""
    p50: dict[str, list[float]] = {name: [] for name in servers}
    rate: dict[str, list[float]] = {name: [] for name in servers}
    for turn in range(turns + 1):
        # Turn 0 warms up; the order changes, so that no server always follows the same one.
        count = requests // 10 if turn == 0 else requests
        for name in sorted(servers, reverse=turn % 2 == 1):
            _, *each = servers[name].call(given, 1, count)
            whole, *all_of_them = servers[name].call(given, CONNECTIONS, count)
            if turn:
                p50[name].append(median(each) * 1000)
                rate[name].append(len(all_of_them) / whole)
    return {
        name: {
            "p50": median(p50[name]),
            "rate": median(rate[name]),
            "memory": server.mebibytes(),
        }
        for name, server in servers.items()
    }


LINES = (
    ("serving_p50_fastapi", "p50", "ours", "fastapi", "ms"),
    ("serving_p50_fastapi_plain", "p50", "plain", "fastapi", "ms"),
    ("serving_p50_mlflow", "p50", "ours", "mlflow", "ms"),
    ("serving_rate_fastapi", "rate", "ours", "fastapi", "1/s"),
    ("serving_rate_mlflow", "rate", "ours", "mlflow", "1/s"),
    ("serving_rate_mlflow_plain", "rate", "plain", "mlflow", "1/s"),
    ("serving_memory_fastapi", "memory", "ours", "fastapi", "MiB"),
    ("serving_memory_mlflow", "memory", "ours", "mlflow", "MiB"),
)
"""Name, what is compared, of which two servers, in which unit."""


def main() -> None:
    """Measure all servers and print the lines."""
    quick = "--quick" in sys.argv
    turns, requests = (QUICK_TURNS, QUICK_REQUESTS) if quick else (TURNS, REQUESTS)
    with tempfile.TemporaryDirectory() as temporary:
        folder, token = Path(temporary), secrets.token_urlsafe()
        rows = save_model(folder / "model")
        bodies = [json.dumps({"dataframe_records": [row]}) for row in rows]
        given = json.dumps({"bodies": bodies, "token": token})
        with running(folder, token) as servers:
            require_same(servers, bodies, token)
            found = measure(servers, given, turns, requests)
    for name, what, us, them, unit in LINES:
        ours, other = found[us][what], found[them][what]
        print(f"{name} ratio={ours / other:.3f} ours={ours:.3f} other={other:.3f} unit={unit}")


if __name__ == "__main__":
    main()
