"""Endpoints with real servers: each deployment and revision is a process with a model of its own.

Proves that what is declared serves a model as the local target does; that Azure starts containers
so is the test cloud's word.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests
from mlops_iac_azure import documents, facts, serving
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.serving import captures
from mlops_iac_azure.verbs import predict

from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.saving import infer_model_signature, save_model
from mlops_iac.runtime.server.answers import predictions
from tests.clouds.azure.running import Cloud, cloud
from tests.providers.azure.serving.world import Brittle, Call, Shop

pytestmark = pytest.mark.slow

APP: dict[str, Any] = {"scaling": {"memory_gb": 4, "max_concurrency": 25}}
CAPTURED: dict[str, Any] = {"capture": {"percent": 100}}
ROWS = [{"a": 0.5, "b": 1.25}, {"a": 6.5, "b": 0.25}, {"a": 3.5, "b": 2.25}]
_SECONDS = 30


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
        save_model(self.own, "xgboost", folder=self.folder, signature=signature, options=options)

    def register(self, shop: Shop, number: int) -> int:
        """Leave it where a run does, and register it."""
        # Another place in each test: machines keep what they have fetched.
        folder = f"runs/delay/{shop.folder.name}-{number}/model"
        for path in (each for each in self.folder.rglob("*") if each.is_file()):
            key = f"{folder}/{path.relative_to(self.folder).as_posix()}"
            documents.write_bytes(shop.place, shop.model.bucket, key, path.read_bytes())
        return shop.register(digest=tree_digest(self.folder), folder=folder)

    def answers(self) -> list[float]:
        from mlops_iac.runtime.model import load_model

        loaded = load_model(self.folder, digest=tree_digest(self.folder))
        return predictions(loaded.predict(pd.DataFrame(ROWS)))


def patient(shop: Shop) -> serving.Work:
    """Return what deploying may use, where servers take their time to come up."""
    call = Call("urn:score", shop.call().config)
    call.at_wait = lambda: time.sleep(0.2)
    return shop.work(call)


def asked(shop: Shop, **endpoint: Any) -> list[float]:
    """Ask as the verb does."""
    return predict.predict(shop.site(**endpoint), "score", ROWS)["predictions"]


@pytest.mark.parametrize("wish", [CAPTURED, APP], ids=["online", "app"])
def test_an_endpoint_answers_as_the_local_target_does_through_promotion_and_roll_back(
    real: Shop, wish: dict[str, Any]
) -> None:
    first, second = Model(real, 2.0), Model(real, -1.5)
    deployment = real.deployment(**wish)
    serving.save(patient(real), deployment)
    serving.promote(patient(real), deployment, first.register(real, 1))

    before = asked(real, **wish)
    serving.promote(patient(real), deployment, second.register(real, 2))
    promoted = asked(real, **wish)
    serving.rollback(patient(real), deployment)
    back = asked(real, **wish)

    assert before == pytest.approx(first.answers(), abs=1e-9)
    assert promoted == pytest.approx(second.answers(), abs=1e-9)
    assert back == before != pytest.approx(promoted)
    with pytest.raises(AzureError, match=r"'b'|`b`"):
        predict.predict(real.site(**wish), "score", [{"a": 1.0}])


def test_a_call_without_the_token_is_refused_by_the_server(real: Shop) -> None:
    """Nothing stands before a container app: the server itself asks who calls."""
    deployment, model = real.deployment(**APP), Model(real, 2.0)
    serving.save(patient(real), deployment)
    serving.promote(patient(real), deployment, model.register(real, 1))
    told = real.ask("GET", deployment.endpoint)["properties"]["configuration"]["ingress"]

    statuses = [
        requests.post(
            f"https://{told['fqdn']}/score",
            json={"instances": ROWS},
            headers=headers,
            timeout=60,
            verify=real.cloud.authority,
        ).status_code
        for headers in ({}, {"Authorization": "Bearer guessed"})
    ]

    assert statuses == [401, 401]


def test_requests_and_answers_are_kept_where_the_version_is_told(real: Shop) -> None:
    deployment, model = real.deployment(**CAPTURED), Model(real, 2.0)
    serving.save(patient(real), deployment)
    served = serving.promote(patient(real), deployment, model.register(real, 1))

    predicted = asked(real, **CAPTURED)

    lines = {name: _captured(real, served.id, name) for name in captures.COLLECTIONS}
    assert lines["request"][0]["data"] == {"instances": ROWS}
    assert lines["response"][0]["data"]["predictions"] == predicted
    assert lines["request"][0]["correlationid"] == lines["response"][0]["correlationid"]


def _captured(shop: Shop, deployment: str, collection: str) -> list[Any]:
    """Return the lines of a collection, as soon as there are some."""
    bucket = facts.captures(shop.scope())
    folder = captures.folder("score", deployment, collection)
    deadline = time.monotonic() + _SECONDS
    while not (paths := documents.paths(shop.place, bucket, f"{folder}/")):
        assert time.monotonic() < deadline, folder
        time.sleep(0.1)
    found = documents.read_bytes(shop.place, bucket, paths[0])
    assert found is not None
    return [json.loads(line) for line in found[0].decode().splitlines()]
