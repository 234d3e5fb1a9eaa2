"""A tracking server: who may reach what, its connections, and how trainings ask it.

The server itself was run by hand on PostgreSQL 15 with TLS; here its driver is a double, for the
image alone has it.
"""

import base64
import json
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlops_iac_gcp.image_build import PACKAGES
from mlops_iac_gcp.session import TOKEN_VARIABLE
from mlops_iac_gcp.work import track

from mlops_iac import image
from mlops_iac.specs import CustomerKey, ExperimentTracker, Profile, RunPolicy, TrainingJob
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac.testing import Recording
from tests.providers.gcp.harness import PROJECT, REGION, recorded
from tests.providers.gcp.scenarios import DATA, MODEL, write_files

DATABASE = "gcp:sql/databaseInstance:DatabaseInstance"
SERVICE = "gcp:cloudrunv2/service:Service"
TRACKER = ExperimentTracker.model_validate({"name": "trials", "server": {"size": "small"}})
JOB = TrainingJob.model_validate(
    {
        "name": "delay",
        "script": "train.py",
        "data": "departures",
        "model": "late",
        "experiment": "trials",
    }
)
TOLD = ("--instance", f"{PROJECT}:{REGION}:trials", "--database", "mlflow")
GIVEN = (*TOLD, "--user", "trials@acme.iam", "--artifacts", "gs://b/tracking/trials")


def _public(folder: Path) -> Recording:
    return recorded(write_files(folder), DATA, MODEL, JOB, TRACKER)


def _private(folder: Path) -> Recording:
    wishes: dict[str, Any] = {"encryption": CustomerKey(), "network": OwnNetwork()}
    return recorded(folder, TRACKER, profile=Profile.PROD, **wishes)


def test_on_the_public_network_only_googles_connectors_reach_the_database(tmp_path: Path) -> None:
    recording = _public(tmp_path)
    settings = recording.one(DATABASE).inputs["settings"]
    template = recording.one(SERVICE).inputs["template"]

    assert settings["connectorEnforcement"] == "REQUIRED"
    assert "authorizedNetworks" not in settings["ipConfiguration"]
    assert template["volumes"][0]["cloudSqlInstance"]["instances"]
    assert template["scaling"]["minInstanceCount"] == 0


def test_in_a_network_database_and_server_have_no_public_address(tmp_path: Path) -> None:
    recording = _private(tmp_path)
    database, server = recording.one(DATABASE).inputs, recording.one(SERVICE).inputs

    reached = database["settings"]["ipConfiguration"]
    assert (reached["ipv4Enabled"], reached["sslMode"]) == (False, "ENCRYPTED_ONLY")
    assert reached["pscConfigs"][0]["allowedConsumerProjects"] == [PROJECT]
    assert database["deletionProtection"] is True
    assert server["ingress"] == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    assert "--host" in server["template"]["containers"][0]["args"]
    assert recording.one("gcp:compute/forwardingRule:ForwardingRule").inputs["target"]


def test_nothing_of_a_server_is_a_password_and_nobody_but_trainings_may_ask(
    tmp_path: Path,
) -> None:
    recording = _public(tmp_path)
    user = recording.one("gcp:sql/user:User").inputs
    asks = recording.of_type("gcp:cloudrunv2/serviceIamMember:ServiceIamMember")

    assert user["type"] == "CLOUD_IAM_SERVICE_ACCOUNT"
    assert "password" not in user
    assert [(one.inputs["role"], one.name) for one in asks] == [
        ("roles/run.invoker", "trials-training-asks")
    ]


def test_a_training_is_told_the_server_of_its_experiment_and_no_other_is(tmp_path: Path) -> None:
    told = _variables(_public(tmp_path))
    other = JOB.model_copy(update={"experiment": None})
    plain = _variables(recorded(tmp_path, DATA, MODEL, other, TRACKER))

    assert {name for name in told if name.startswith("MLFLOW")} == {
        "MLFLOW_EXPERIMENT_NAME",
        "MLFLOW_TRACKING_AUTH",
        "MLFLOW_TRACKING_URI",
    }
    assert not [name for name in plain if name.startswith("MLFLOW")]


def test_a_run_has_another_document_once_its_experiment_has_a_server(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    job = JOB.model_copy(update={"run": RunPolicy.MANUAL})

    def step(tracker: ExperimentTracker) -> str:
        recording = recorded(folder, DATA, MODEL, job, tracker)
        (found,) = (r for r in recording.resources if r.name == "delay-delay-step")
        return found.inputs["name"]

    assert step(TRACKER) != step(ExperimentTracker("trials"))


def _variables(recording: Recording) -> dict[str, Any]:
    requests = recording.one("mlops-iac:gcp:JobRun").inputs["requests"]
    (spec,) = (each["body"]["jobSpec"] for each in requests if "jobSpec" in each["body"])
    return {row["name"]: row["value"] for row in spec["workerPoolSpecs"][0]["containerSpec"]["env"]}


# --- the server's connections


def test_an_address_holds_no_password() -> None:
    by_socket = track.address(track.read(GIVEN))
    by_network = track.address(track.read([*GIVEN, "--host", "10.64.0.9"]))

    assert by_socket == (
        "postgresql+pg8000://trials%40acme.iam@/mlflow"
        f"?unix_sock=%2Fcloudsql%2F{PROJECT}%3A{REGION}%3Atrials%2F.s.PGSQL.5432"
    )
    assert by_network == "postgresql+pg8000://trials%40acme.iam@10.64.0.9:5432/mlflow"


def test_each_new_connection_bears_the_token_of_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, asked = _engine()
    track.sign_in(track.read(GIVEN), engine)

    for token in ("first", "second"):
        monkeypatch.setenv(TOKEN_VARIABLE, token)
        with pytest.raises(ConnectionRefusedError):
            engine.connect()

    assert [each["password"] for each in asked] == ["first", "second"]
    assert asked[0]["unix_sock"].startswith("/cloudsql/")


def _engine() -> tuple[Any, list[dict[str, Any]]]:
    """Return an engine whose driver keeps what it is asked with, and connects to nothing."""
    from sqlalchemy import create_engine

    asked: list[dict[str, Any]] = []

    def connect(**named: Any) -> None:
        asked.append(named)
        raise ConnectionRefusedError

    driver = SimpleNamespace(
        connect=connect,
        paramstyle="format",
        __version__="1.31.6",
        Error=LookupError,
        InterfaceError=LookupError,
    )
    address = track.address(track.read(GIVEN))
    return create_engine(address, module=driver), asked


# --- how it is asked


@pytest.mark.slow
def test_every_process_of_the_image_asks_with_a_token_of_its_machine(tmp_path: Path) -> None:
    with zipfile.ZipFile(_wheel(tmp_path)) as wheel:
        wheel.extractall(tmp_path, [n for n in wheel.namelist() if ".dist-info/" in n])
    program = "import mlflow\nassert mlflow.MlflowClient().get_experiment('7').name == 'trials'\n"

    with _machine() as (address, heard):
        environment = {
            "PATH": "/usr/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
            "GCE_METADATA_HOST": address,
            "GCE_METADATA_IP": address,
            "MLFLOW_TRACKING_URI": f"http://{address}",
            "MLFLOW_TRACKING_AUTH": "mlops-iac-gcp",
        }
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert heard == [f"Bearer {_jwt(f'http://{address}')}"]


def _wheel(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        context = image.runtime_context(PACKAGES)
    return next(path for name, path in context.items() if name.endswith(".whl"))


@contextmanager
def _machine() -> Generator[tuple[str, list[str]]]:
    """Yield the address of a metadata server that is a tracking server, too, and what it heard."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.endswith("/identity"):
                self._answer(_jwt(_audience(query)).encode(), "text/html")
            elif path.startswith("/api/"):
                heard.append(self.headers["Authorization"])
                self._answer(json.dumps({"experiment": {"name": "trials"}}).encode())
            else:
                self._answer(json.dumps({"email": "trainer@acme.iam", "scopes": []}).encode())

        def _answer(self, content: bytes, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Metadata-Flavor", "Google")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base's own name
            """Keep a test's output readable."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


_EXPIRY = int(time.time()) + 3600


def _audience(query: str) -> str:
    from urllib.parse import parse_qs

    return parse_qs(query)["audience"][0]


def _jwt(audience: str) -> str:
    parts = ({"alg": "none"}, {"aud": audience, "exp": _EXPIRY})
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join([*(part.rstrip("=") for part in coded), "c2ln"])
