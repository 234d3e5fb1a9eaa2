"""Services of Cloud Run with real servers: each revision is a process with a model of its own."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests
from mlops_iac_gcp import serving
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.queued import ROUTE
from mlops_iac_gcp.session import storage
from mlops_iac_gcp.verbs import queued, serverless

from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.saving import infer_model_signature, save_model
from mlops_iac.runtime.server.answers import predictions
from tests.clouds.gcp.running import Cloud, cloud
from tests.providers.gcp.serving.world import Brittle, Call, Shop

pytestmark = pytest.mark.slow

QUEUED: dict[str, Any] = {"scaling": {"mode": "async", "max": 2}}
SMALL: dict[str, Any] = {"scaling": {"memory_gb": 4, "max_concurrency": 25}}
ROWS = [{"a": 0.5, "b": 1.25}, {"a": 6.5, "b": 0.25}, {"a": 3.5, "b": 2.25}]


@pytest.fixture(scope="module")
def executing() -> Iterator[Cloud]:
    with cloud(work="processes") as running:
        yield running


@pytest.fixture
def real(executing: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in executing.environment.items():
        monkeypatch.setenv(name, value)
    executing.reset()
    executing.control("pace", operations=1)
    accounts = f"iam/v1/projects/{executing.project}/serviceAccounts"
    executing.call("POST", accounts, {"accountId": "serving"})
    return Shop(executing, Brittle(), tmp_path)


class Model:
    """A model as the target `local` would serve it, in this process."""

    def __init__(self, shop: Shop, slope: float) -> None:
        from xgboost import XGBRegressor

        frame = pd.DataFrame(ROWS)
        target = slope * frame["a"] + frame["b"] / 3
        self.own: Any = XGBRegressor(n_estimators=3, max_depth=2).fit(frame, target)
        self.folder = shop.folder / f"model-{slope:g}"
        signature = infer_model_signature(self.own, frame, {})
        # Named, because MLflow takes long to find them out.
        options = {"pip_requirements": ["xgboost"]}
        # Not scikit-learn's: importing skops looks into every module, all of pulumi_gcp's too.
        save_model(self.own, "xgboost", folder=self.folder, signature=signature, options=options)

    def register(self, shop: Shop, number: int) -> int:
        """Leave it where a run does, and register it."""
        bucket = storage(shop.place).bucket(shop.model.bucket)
        for path in (each for each in self.folder.rglob("*") if each.is_file()):
            key = f"runs/delay/run-{number}/model/{path.relative_to(self.folder).as_posix()}"
            bucket.blob(key).upload_from_filename(str(path))
        return shop.register(digest=tree_digest(self.folder))

    def answers(self) -> list[float]:
        from mlops_iac.runtime.model import load_model

        loaded = load_model(self.folder, digest=tree_digest(self.folder))
        return predictions(loaded.predict(pd.DataFrame(ROWS)))


def patient(shop: Shop) -> serving.Work:
    """Return what deploying may use, where servers take their time to come up."""
    call = Call("urn:score", shop.call().config)
    call.at_wait = lambda: time.sleep(0.2)
    return shop.work(call)


def asked(shop: Shop, address: str) -> list[float]:
    """Ask as the platform's role."""
    place = replace(shop.place, role="serving@mlops-test.iam.gserviceaccount.com")
    return serverless.ask(place, shop.deployment(**SMALL), address, ROWS)["predictions"]


def test_a_service_answers_as_the_local_target_does_through_promotion_and_roll_back(
    real: Shop,
) -> None:
    first, second = Model(real, 2.0), Model(real, -1.5)
    deployment = real.deployment(**SMALL)
    serving.save(patient(real), deployment)
    serving.promote(patient(real), deployment, first.register(real, 1))
    address: str = real.cloud.call("GET", f"run/v2/{deployment.endpoint}")["uri"]

    before = asked(real, address)
    serving.promote(patient(real), deployment, second.register(real, 2))
    promoted = asked(real, address)
    serving.rollback(patient(real), deployment)
    back = asked(real, address)

    assert before == pytest.approx(first.answers(), abs=1e-9)
    assert promoted == pytest.approx(second.answers(), abs=1e-9)
    assert back == before != pytest.approx(promoted)
    statuses = [
        requests.post(f"{address}/predict", json={"instances": ROWS}, headers=headers, timeout=60)
        for headers in ({}, {"Authorization": f"Bearer {real.cloud.token}"})
    ]
    assert [one.status_code for one in statuses] == [403, 401]
    assert _logged(real, deployment.endpoint) == 3


def test_an_asynchronous_service_answers_into_the_bucket_what_was_asked_before_it_was_there(
    real: Shop,
) -> None:
    """The queue keeps what is asked before the first version; a refused request is not retried."""
    model, deployment = Model(real, 2.0), real.deployment(**QUEUED)
    topic = queue_of(real)
    early = publish(real, topic, {"instances": ROWS})
    serving.save(patient(real), deployment)
    serving.promote(patient(real), deployment, model.register(real, 1))

    told = queued.ask(patient(real), deployment, topic, ROWS)
    with pytest.raises(GcpError, match=r"`score` failed: .*'b'"):
        queued.ask(patient(real), deployment, topic, [{"a": 1.0}])

    assert told["predictions"] == pytest.approx(model.answers(), abs=1e-9)
    assert json.loads(awaited(real, f"async/score/answers/{early}")) == told


def queue_of(shop: Shop) -> str:
    """Make topic and subscription as they are registered; return the topic's full name."""
    recording = shop.record("score", **QUEUED)
    wish = recording.one("gcp:pubsub/subscription:Subscription").inputs
    name = f"projects/{shop.cloud.project}/topics/score"
    shop.cloud.call("PUT", f"pubsub/v1/{name}", {})
    number, service = shop.cloud.number, shop.deployment(**QUEUED).endpoint.rpartition("/")[2]
    root = f"https://{service}-{number}.{shop.cloud.region}.run.app"
    identity = {"serviceAccountEmail": "serving@mlops-test.iam.gserviceaccount.com"}
    body = {
        "topic": name,
        "ackDeadlineSeconds": int(wish["ackDeadlineSeconds"]),
        "pushConfig": {
            "pushEndpoint": f"{root}{ROUTE}",
            "oidcToken": {**identity, "audience": root},
        },
    }
    shop.cloud.call("PUT", f"pubsub/v1/projects/{shop.cloud.project}/subscriptions/score", body)
    return name


def publish(shop: Shop, topic: str, document: Any) -> str:
    """Ask as any client may: an object, and a message that names it."""
    bucket = storage(shop.place).bucket(shop.model.bucket)
    bucket.blob("async/score/requests/early").upload_from_string(json.dumps(document))
    messages = {"messages": [{"attributes": {"request": "early"}}]}
    shop.cloud.call("POST", f"pubsub/v1/{topic}:publish", messages)
    return "early"


def awaited(shop: Shop, path: str) -> bytes:
    """Return an object as soon as it is there."""
    blob, deadline = storage(shop.place).bucket(shop.model.bucket).blob(path), time.monotonic() + 60
    while not blob.exists():
        assert time.monotonic() < deadline, path
        time.sleep(0.2)
    return blob.download_as_bytes()


def _logged(shop: Shop, service: str) -> int:
    """Return of how many requests the log of a service tells."""
    wanted = (
        'resource.type="cloud_run_revision" AND '
        f'resource.labels.service_name="{service.rpartition("/")[2]}"'
    )
    names = [f"projects/{shop.cloud.project}"]
    body = {"resourceNames": names, "filter": wanted, "pageSize": 1000}
    deadline = time.monotonic() + 30
    while True:
        found = shop.cloud.call("POST", "logging/v2/entries:list", body).get("entries", [])
        told = [each for each in found if "/predict" in each["jsonPayload"]["message"]]
        if len(told) >= 3 or time.monotonic() > deadline:
            return len(told)
        time.sleep(0.2)
