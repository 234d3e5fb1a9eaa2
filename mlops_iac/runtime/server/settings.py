"""The server's settings, read once from the platform's or the supervisor's environment."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlops_iac import container_contract as contract
from mlops_iac.runtime.errors import RuntimeSettingError

_MEBIBYTE = 1 << 20
_PORT_VARIABLES = (contract.PORT, "AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT", "PORT")
# Any of these says that a container platform started us and stands before us.
_PLATFORM_MARKS = (
    "AIP_HTTP_PORT", "AIP_STORAGE_URI", "SAGEMAKER_BIND_TO_PORT", "AZUREML_MODEL_DIR",
    "KUBERNETES_SERVICE_HOST", "K_SERVICE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)  # fmt: skip
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one server listens, guards itself and records."""

    host: str
    port: int
    """Zero takes a free one; see `address_file`."""
    listen_fd: int | None
    """An already bound socket, instead of `host` and `port`."""
    address_file: Path | None
    """Where the server writes `host:port` once it listens."""
    token: str | None
    """What callers must bear; `None` where the platform authenticates them."""
    name: str
    """The model's name in KServe's paths."""
    deployment_file: Path | None
    """`deployment.json`, watched; without it the model is the container's own."""
    poll_seconds: float
    body_limit: int
    """Bytes."""
    body_seconds: float
    """How long a caller may take to send a body."""
    predict_seconds: float | None
    """How long a prediction may take; `None` leaves the limit to the platform."""
    drain_seconds: int
    capture_dir: Path | None
    capture_percent: float
    capture_rows: int
    capture_seconds: float
    mailbox: Path | None
    """Where requests lie that a queue tells of; `None` where callers wait for their answer."""
    health_routes: tuple[str, ...]
    predict_routes: tuple[str, ...]

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can call."""
        return self.host in _LOOPBACK


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that `environment` describes.

    Raises:
        RuntimeSettingError: a value is wrong, or a loopback server has no token.
    """
    token = read_token(environment.get(contract.TOKEN_FILE)) or environment.get(contract.TOKEN)
    host = environment.get(contract.HOST) or _default_host(environment)
    if token is None and host in _LOOPBACK:
        raise RuntimeSettingError(
            f"a server on `{host}` needs a token: every user of this machine can reach it",
            remedy=f"name a file of mode 0600 in `{contract.TOKEN_FILE}`",
        )
    return Settings(
        host=host,
        port=_port(environment),
        listen_fd=_optional_int(environment, contract.LISTEN_FD),
        address_file=_path(environment, contract.ADDRESS_FILE),
        token=token or None,
        name=environment.get(contract.MODEL_NAME) or environment.get("MODEL_NAME") or "model",
        deployment_file=_path(environment, contract.DEPLOYMENT_FILE),
        poll_seconds=_number(environment, contract.POLL_SECONDS, 1.0),
        body_limit=int(_number(environment, contract.BODY_LIMIT, 25 * _MEBIBYTE)),
        body_seconds=_number(environment, contract.BODY_SECONDS, 30.0),
        predict_seconds=_limit(environment, contract.TIMEOUT_SECONDS),
        drain_seconds=int(_number(environment, contract.DRAIN_SECONDS, 30)),
        capture_dir=_path(environment, contract.CAPTURE_DIR),
        capture_percent=_number(environment, contract.CAPTURE_PERCENT, 100.0),
        capture_rows=int(_number(environment, contract.CAPTURE_ROWS, 1000)),
        capture_seconds=_number(environment, contract.CAPTURE_SECONDS, 60.0),
        mailbox=_path(environment, contract.MAILBOX),
        health_routes=_routes(environment, "AIP_HEALTH_ROUTE"),
        predict_routes=_routes(environment, "AIP_PREDICT_ROUTE"),
    )


def read_token(file: str | None) -> str | None:
    """Return the token in a file that only its owner can read; `None` for no file."""
    if not file:
        return None
    path = Path(file)
    try:
        status = path.stat()
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise RuntimeSettingError(f"the token file `{file}`: {error.strerror}") from error
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or status.st_uid != os.getuid():
        raise RuntimeSettingError(
            f"the token file `{file}` is open to other users", remedy=f"chmod 600 {file}"
        )
    if not token:
        raise RuntimeSettingError(f"the token file `{file}` is empty")
    return token


def _default_host(environment: Mapping[str, str]) -> str:
    is_platform = any(environment.get(mark) for mark in _PLATFORM_MARKS)
    in_container = is_platform or Path("/opt/ml/model").is_dir() or Path("/mnt/models").is_dir()
    return "0.0.0.0" if in_container else "127.0.0.1"  # noqa: S104 -- the platform's proxy calls


def _port(environment: Mapping[str, str]) -> int:
    name = next((name for name in _PORT_VARIABLES if environment.get(name)), None)
    return int(_number(environment, name, 8080)) if name else 8080


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    try:
        value = float(text) if text else default
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise RuntimeSettingError(f"`{name}` is `{text}`, which is no number from 0 on")
    return value


def _limit(environment: Mapping[str, str], name: str) -> float | None:
    # Zero would refuse every prediction.
    return _number(environment, name, 0.0) or None


def _optional_int(environment: Mapping[str, str], name: str) -> int | None:
    return int(_number(environment, name, 0)) if environment.get(name) else None


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None


def _routes(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    route = environment.get(name)
    return (route,) if route and route.startswith("/") else ()
