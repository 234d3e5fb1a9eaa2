"""Templates in a KFP repository; its address speaks another protocol than Google's APIs.

A small double stands for the repository and for Artifact Registry's view of it: it names versions
by the hash of the content, as the real one does. It proves our calls, not Google's answers.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.resources.life import Life

REPOSITORY = "projects/shop/locations/europe-west4/repositories/templates"
TEMPLATE = "pipelineInfo: {name: train}\nroot: {}\n"
INPUTS = {"repository": REPOSITORY, "template": TEMPLATE}
VERSION = f"sha256:{hashlib.sha256(TEMPLATE.encode()).hexdigest()}"


class Repository(BaseHTTPRequestHandler):
    """One package, `train`."""

    versions: dict[str, str]
    tags: dict[str, str]
    lost = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/kfp/"):
            self._upload(body)
        else:
            tag = re.search(r"tagId=([^&]+)", self.path)
            assert tag is not None
            self.tags[tag[1]] = json.loads(body)["version"]
            self._answer("{}")

    def do_PATCH(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.tags[self._last()] = body["version"]
        self._answer("{}")

    def do_GET(self) -> None:
        last = self._last()
        if self.path.startswith("/kfp/"):
            self._answer(self.versions[last])
        elif last == "tags":
            named = ({"name": f"x/tags/{tag}", "version": to} for tag, to in self.tags.items())
            self._answer(json.dumps({"tags": list(named)}))
        else:
            known = self.tags if "/tags/" in self.path else self.versions
            self._answer("{}", 200 if last in known else 404)

    def do_DELETE(self) -> None:
        known = self.tags if "/tags/" in self.path else self.versions
        self._answer("{}", 200 if known.pop(self._last(), None) else 404)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's
        """Say nothing."""

    def _upload(self, body: bytes) -> None:
        kind = self.headers["Content-Type"].encode()
        form = BytesParser(EmailMessage).parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + body)
        (content,) = form.get_payload()
        text = content.get_payload(decode=True).decode()
        version = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        self.versions[version] = text
        if type(self).lost:
            type(self).lost -= 1
            self.close_connection = True
            return
        self._answer(f"train/{version}")

    def _last(self) -> str:
        return self.path.partition("?")[0].rpartition("/")[2].replace("%3A", ":")

    def _answer(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def repository(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Repository]]:
    del cloud
    double = type("Double", (Repository,), {"versions": {}, "tags": {}, "lost": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), double)
    address = f"http://127.0.0.1:{server.server_port}"
    for service in ("KFP", "ARTIFACTREGISTRY"):
        name = f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}"
        monkeypatch.setenv(name, f"{address}/{service.lower()}/")
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield double
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def template(life: Callable[..., Life]) -> Life:
    return life("PipelineTemplate", "train")


def test_a_template_is_named_by_its_content(repository: type[Repository], template: Life) -> None:
    template.create({**INPUTS, "tags": ["live"]})

    assert template.state["templateUri"].endswith(f"/shop/templates/train/{VERSION}")
    assert repository.tags == {
        "live": f"{REPOSITORY}/packages/train/versions/{VERSION}",
    }


def test_an_upload_whose_answer_was_lost_is_repeated_without_harm(
    repository: type[Repository], template: Life
) -> None:
    repository.lost = 1
    template.create(INPUTS)

    assert list(repository.versions) == [VERSION]


def test_tags_move_in_place_and_content_replaces(
    repository: type[Repository], template: Life
) -> None:
    template.create({**INPUTS, "tags": ["live"]}).update({**INPUTS, "tags": ["next"]})

    assert list(repository.tags) == ["next"]
    assert template.diff({**INPUTS, "template": f"{TEMPLATE}# 2\n"}).replaces == ("template",)


def test_an_imported_template_differs_in_nothing(
    repository: type[Repository], template: Life
) -> None:
    inputs = {**INPUTS, "tags": ["live"]}

    assert not template.create(inputs).imported().diff(inputs).changed
    assert repository.versions == {VERSION: TEMPLATE}


def test_a_template_stays_unless_it_is_not_retained(
    repository: type[Repository], template: Life
) -> None:
    template.create(INPUTS).delete()
    assert VERSION in repository.versions
    template.create({**INPUTS, "retain": False}).delete()

    assert repository.versions == {}
