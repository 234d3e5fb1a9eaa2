"""Proves how the server reads each platform's variables and finds the platform's model.

In this process, from mappings and folders as documented; the running server is `test_serve.py`'s.
"""

from pathlib import Path

import pytest

from mlops_iac.runtime.errors import RuntimeSettingError
from mlops_iac.runtime.server.deployment import own_deployment
from mlops_iac.runtime.server.settings import read_settings

ALL = "0.0.0.0"  # noqa: S104  only compared
DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("variables", "host", "port"),
    [
        ({"AIP_HTTP_PORT": "8085"}, ALL, 8085),
        ({"SAGEMAKER_BIND_TO_PORT": "8081"}, ALL, 8081),
        ({"AZUREML_MODEL_DIR": "/m", "PORT": "5001"}, ALL, 5001),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, ALL, 8080),
        ({"K_SERVICE": "s", "PORT": "9000"}, ALL, 9000),
        ({"AIP_HTTP_PORT": "1", "MLOPS_PORT": "2", "MLOPS_HOST": "::"}, "::", 2),
    ],
)
def test_a_platforms_address(variables: dict[str, str], host: str, port: int) -> None:
    settings = read_settings(variables)

    assert (settings.host, settings.port) == (host, port)


def test_routes_and_the_time_limit() -> None:
    given = {
        "AIP_HTTP_PORT": "1", "AIP_HEALTH_ROUTE": "/alive", "AIP_PREDICT_ROUTE": "/ask",
        "MLOPS_TIMEOUT_SECONDS": "2.5",
    }  # fmt: skip
    settings = read_settings(given)

    assert (settings.health_routes, settings.predict_routes) == (("/alive",), ("/ask",))
    assert settings.predict_seconds == 2.5
    assert read_settings({"AIP_HTTP_PORT": "1"}).predict_seconds is None


def test_alone_on_a_machine_a_token_is_needed() -> None:
    with pytest.raises(RuntimeSettingError, match="needs a token"):
        read_settings({"MLOPS_HOST": "127.0.0.1"})
    with pytest.raises(RuntimeSettingError, match="`MLOPS_PORT` is `x`"):
        read_settings({"MLOPS_HOST": ALL, "MLOPS_PORT": "x"})


@pytest.mark.parametrize(
    ("place", "variable"),
    [
        ("mnt/models", None),
        ("opt/ml/model", None),
        ("opt/ml/model/inner", None),
        ("azure/late/1/model", "AZUREML_MODEL_DIR"),
        ("own", "MLOPS_MODEL_DIR"),
    ],
)
def test_a_platforms_model(tmp_path: Path, place: str, variable: str | None) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True)
    (folder / "MLmodel").write_text("")
    named = {variable: str(tmp_path / place.partition("/")[0])} if variable else {}

    found = own_deployment(
        {"MLOPS_ROOT": str(tmp_path), "MLOPS_MODEL_DIGEST": DIGEST, "MLOPS_TRUST_PICKLE": "1",
         "MLOPS_MODEL_VERSION": "7", **named}
    )  # fmt: skip
    assert (Path(found.location), found.version, found.trust_pickle) == (folder, "7", True)


def test_a_vertex_model_is_fetched_and_an_unknown_one_refused(tmp_path: Path) -> None:
    given = {"MLOPS_ROOT": str(tmp_path), "MLOPS_MODEL_DIGEST": DIGEST}

    found = own_deployment({**given, "AIP_STORAGE_URI": "gs://bucket/model"})
    assert (found.location, found.trust_pickle) == ("gs://bucket/model", False)
    with pytest.raises(RuntimeSettingError, match="no model is found"):
        own_deployment(given)
    with pytest.raises(RuntimeSettingError, match="unknown origin"):
        own_deployment({**given, "MLOPS_MODEL_DIGEST": ""})
