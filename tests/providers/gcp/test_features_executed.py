"""A filling that `up` starts, executed: pipeline, launcher, job, BigQuery's load, the sync."""

import time
from pathlib import Path

import pytest
from mlops_iac_gcp import documents, place
from mlops_iac_gcp.features.document import current, definition_of
from mlops_iac_gcp.features.reading import read
from mlops_iac_gcp.resources.job_run import JobRunHandler
from mlops_iac_gcp.session import storage

from tests.clouds.gcp.running import cloud_here
from tests.providers.gcp.features_world import NOW, make_stores
from tests.providers.gcp.jobs.world import Containers, Shop
from tests.providers.gcp.test_features import HOURS, weather

_CSV = "origin,time_hour,temp\nJFK,2013-01-01T01:00:00Z,5.0\nJFK,2013-01-01T03:00:00Z,7.5\n"


@pytest.mark.slow
def test_what_up_starts_fills_the_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cloud_here(work="processes") as cloud:
        for name, value in cloud.environment.items():
            monkeypatch.setenv(name, value)
        shop = Shop(cloud, Containers(), tmp_path)
        shop.declare(HOURS, weather())
        where, inputs = shop.place, shop.inputs("weather")
        (step,) = documents.paths(where, shop.bucket, "jobs/weather/")
        told = documents.read(where, shop.bucket, step)
        assert told is not None
        make_stores(definition_of(told["task"]["definition"]))
        (pool,) = inputs["requests"][1]["body"]["jobSpec"]["workerPoolSpecs"]
        variables = {row["name"]: row["value"] for row in pool["containerSpec"]["env"]}
        _, folder = place.split(variables["MLOPS_INPUT_DATA"].replace("/gcs/", "gs://"))
        storage(where).bucket(shop.bucket).blob(f"{folder}/a.csv").upload_from_string(_CSV)

        _, state = JobRunHandler().create(inputs, shop.call(lambda: time.sleep(0.1)))

        assert (state["status"], state["metrics"]) == ("finished", {"rows": 2.0})
        filled = current(where, shop.bucket, "weather")
        assert filled is not None
        assert filled.version == inputs["key"]
        assert read(where, filled, [{"origin": "JFK"}], NOW) == [
            {"origin": "JFK", "temp": 7.5, "time_hour": "2013-01-01T03:00:00+00:00"}
        ]
