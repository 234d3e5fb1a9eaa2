"""Proves how each store's secret is asked for, and that no error or log shows a value.

The clouds' libraries are stand-ins with the two calls we make, their stores an HTTP server on
127.0.0.1; that the real ones take these calls is for a test with credentials.
"""

import base64
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mlops_iac.runtime import secrets
from mlops_iac.runtime.errors import SecretError

VALUE = "hunter2-and-more"


class Store(BaseHTTPRequestHandler):
    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["authorization"]))
        if "denied" in self.path:
            self.send_error(403, VALUE)
            return
        if "moved" in self.path:
            self.send_response(302)
            self.send_header("location", "http://127.0.0.1:1/steal")
            self.end_headers()
            return
        encoded = base64.b64encode(VALUE.encode()).decode()
        body = json.dumps({"value": VALUE, "payload": {"data": encoded}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def store() -> Iterator[HTTPServer]:
    Store.asked = []
    server = HTTPServer(("127.0.0.1", 0), Store)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def module(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    made = ModuleType(name)
    vars(made).update(members)
    monkeypatch.setitem(sys.modules, name, made)


def address(store: HTTPServer) -> str:
    return f"http://127.0.0.1:{store.server_port}"


def test_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"team/token": {"SecretString": VALUE}, "binary": {"SecretBinary": b"bits"}}
    client = SimpleNamespace(get_secret_value=lambda SecretId: answers[SecretId])  # noqa: N803
    module(monkeypatch, "boto3", client=lambda service: {"secretsmanager": client}[service])
    given = {
        "MLOPS_SECRET_TOKEN": "aws-secretsmanager:team/token",
        "MLOPS_SECRET_BITS": "aws-secretsmanager:binary",
        "PLAIN": "x",
    }

    assert secrets.resolve(given) == {"TOKEN": VALUE, "BITS": "bits"}


def test_google(monkeypatch: pytest.MonkeyPatch, store: HTTPServer) -> None:
    credentials = SimpleNamespace(token="t", refresh=lambda _: None)
    module(monkeypatch, "google.auth", default=lambda scopes: (credentials, scopes))
    module(monkeypatch, "google.auth.transport.requests", Request=object)
    monkeypatch.setattr(secrets, "GOOGLE_API", address(store))
    place = "projects/p/secrets/s/versions/latest"

    found = secrets.resolve({"MLOPS_SECRET_TOKEN": f"gcp-secretmanager:{place}"})
    assert found == {"TOKEN": VALUE}
    assert Store.asked == [(f"/{place}:access", "Bearer t")]


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> None:
    credential = SimpleNamespace(get_token=lambda scope: SimpleNamespace(token=scope))
    module(monkeypatch, "azure.identity", DefaultAzureCredential=lambda: credential)


@pytest.mark.usefixtures("azure")
def test_azure(store: HTTPServer) -> None:
    reference = f"azure-keyvault:{address(store)}/secrets/token"

    assert secrets.resolve({"MLOPS_SECRET_TOKEN": reference}) == {"TOKEN": VALUE}
    scope = "Bearer https://vault.azure.net/.default"
    assert Store.asked == [("/secrets/token?api-version=7.4", scope)]


@pytest.mark.usefixtures("azure")
@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("azure-keyvault:{}/secrets/denied", "the store answered 403"),
        ("azure-keyvault:{}/secrets/moved", "the store answered 302"),
        ("azure-keyvault:http://vault.example/secrets/x", "over https only"),
        ("aws-secretsmanager:x", "the image lacks the library `boto3`"),
        ("team/token", "not of the form `scheme:reference`"),
        ("file:/etc/passwd", "not of the form `scheme:reference`"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_value(
    store: HTTPServer, monkeypatch: pytest.MonkeyPatch, reference: str, reason: str
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(SecretError) as caught:
        secrets.resolve({"MLOPS_SECRET_TOKEN": reference.format(address(store))})
    assert reason in str(caught.value)
    assert "`TOKEN`" in str(caught.value)
    assert VALUE not in str(caught.value)


def test_values_are_lent_for_a_while_and_masked() -> None:
    environment = {"TOKEN": "before"}
    with secrets.lent(environment, {"TOKEN": VALUE, "KEY": "k"}):
        assert environment == {"TOKEN": VALUE, "KEY": "k"}
    assert environment == {"TOKEN": "before"}
    assert secrets.masked(f"a {VALUE} k", [VALUE, "k"]) == f"a {secrets.MASK} k"
