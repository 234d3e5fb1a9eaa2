"""Which version an endpoint serves: deployed beside the old one, verified, or refused."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.operations import ModelVersion
from mlops_iac_local import registry, store, supervisor
from mlops_iac_local.endpoints import DEPLOYMENT, HISTORY, RUNNING, SERVER, Frame, ask, frame
from mlops_iac_local.errors import DeploymentError
from mlops_iac_local.files import locked, read_json, remove, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.registry_reads import APPROVED

_START_SECONDS = 90.0
_POLL_SECONDS = 0.1
_LOG_LINES = 8
_FAILED_STATES = frozenset({"FATAL", "EXITED", "STOPPED", None})
"""Of a server that is being deployed: one that has exited would only do so again."""

_STARTED_WITH = ("command", "environment", "fixed", "home", "limits", "token_mark")
"""What of a plan only a restart brings to the server."""

STATUS_PATH = "/admin/status"
RELOAD_PATH = "/admin/reload"


def deployed(layout: Layout, endpoint: str) -> Mapping[str, Any] | None:
    """Return what an endpoint is told to serve: `version`, `digest`, …; `None` while waiting."""
    return read_json(layout.endpoint(endpoint) / DEPLOYMENT)


def history(layout: Layout, endpoint: str) -> list[int]:
    """Return the versions that an endpoint has served, oldest first."""
    document = read_json(layout.endpoint(endpoint) / HISTORY) or {"served": []}
    return [int(entry["version"]) for entry in document["served"]]


def deploy(layout: Layout, endpoint: str, version: ModelVersion) -> None:
    """Serve a version, without a moment in which nothing answers.

    The server loads it beside the old one and says what it serves; that is compared with the wish.

    Raises:
        OperationError: the version is not approved.
        DeploymentError: it cannot be served; the old one goes on serving.
    """
    if version.status != APPROVED:
        raise OperationError(
            f"version `{version.version}` of `{version.model}` is {version.status}",
            remedy=f"`mlops-iac approve {version.model} {version.version}`, "
            "unless it was rejected: then train another",
        )
    known = frame(layout, endpoint)
    with locked(layout.lock(f"endpoint-{endpoint}")):
        wish, before = _wish(layout, known, version), deployed(layout, endpoint)
        path = layout.endpoint(endpoint) / DEPLOYMENT
        write_json(path, wish)
        try:
            _converge(layout, known, wish)
        except MlopsError:
            _restore(layout, known, before)
            raise
        _note(layout, endpoint, version.version)


def deploy_first(layout: Layout, model: str) -> list[str]:
    """Serve a model on each endpoint that follows it and waits; return those endpoints."""
    served: list[str] = []
    for folder in sorted(layout.endpoints.iterdir()) if layout.endpoints.is_dir() else ():
        plan = read_json(folder / SERVER)
        if plan is None or plan["model"] != model or plan["alias"] is None:
            continue
        version = registry.aliased(layout, model, plan["alias"])
        is_free = deployed(layout, folder.name) is None
        if is_free and version is not None and version.status == APPROVED:
            deploy(layout, folder.name, version)
            served.append(folder.name)
    return served


def restart(layout: Layout, endpoint: str) -> None:
    """Start an endpoint's server with its present settings, and wait until it serves."""
    known, wish = frame(layout, endpoint), deployed(layout, endpoint)
    if wish is None:
        return
    with locked(layout.lock(f"endpoint-{endpoint}")):
        _run(layout, known)
        _await(layout, known, wish)


def runs_as_planned(layout: Layout, endpoint: str) -> bool:
    """Whether an endpoint's server answers, and was started with its present settings."""
    plan = read_json(layout.endpoint(endpoint) / SERVER) or {}
    running = read_json(layout.endpoint(endpoint) / RUNNING) or {}
    is_same = all(plan.get(key) == running.get(key) for key in _STARTED_WITH)
    return is_same and served_now(layout, frame(layout, endpoint)) is not None


def undeploy(layout: Layout, endpoint: str, program: str) -> None:
    """Stop an endpoint's server and forget what it served; leave its frame."""
    with locked(layout.lock(f"endpoint-{endpoint}")):
        supervisor.remove_program(layout, program)
        for name in (DEPLOYMENT, HISTORY, SERVER, RUNNING, "work", "capture"):
            remove(layout.endpoint(endpoint) / name)


def served_now(layout: Layout, known: Frame) -> Mapping[str, Any] | None:
    """Return what the server itself says that it serves, or `None` when it does not answer."""
    try:
        status, answer = ask(layout, known, "GET", STATUS_PATH)
    except OSError:
        return None
    return answer if status == 200 and isinstance(answer, dict) else None  # noqa: PLR2004


def _wish(layout: Layout, known: Frame, version: ModelVersion) -> dict[str, Any]:
    if version.digest is None:
        raise DeploymentError(
            f"version `{version.version}` of `{version.model}` has no digest: no run of this "
            "stack registered it",
            remedy="register it by a run",
        )
    return {
        "name": known.model,
        "version": str(version.version),
        "model_path": str(store.stored(layout, "models", version.digest)),
        "digest": version.digest,
        "trust_pickle": registry.policy(layout, version.model).trust_pickle,
    }


def _converge(layout: Layout, known: Frame, wish: Mapping[str, Any]) -> None:
    if served_now(layout, known) is None:
        _run(layout, known)
    else:
        status, answer = ask(layout, known, "POST", RELOAD_PATH, body="{}", timeout=_START_SECONDS)
        if status >= 400:  # noqa: PLR2004
            raise _bad(known, wish, _message(answer))
    _await(layout, known, wish)


def _run(layout: Layout, known: Frame) -> None:
    folder = layout.endpoint(known.component)
    plan = folder / SERVER
    write_json(folder / RUNNING, read_json(plan) or {})
    supervisor.run_program(
        layout,
        known.program,
        [sys.executable, "-m", "mlops_iac_local.launch", "serve", str(plan)],
    )


def _await(layout: Layout, known: Frame, wish: Mapping[str, Any]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        now = served_now(layout, known)
        if now is not None and all(now.get(key) == wish[key] for key in ("digest", "version")):
            return
        if now is not None and now.get("error"):
            raise _bad(known, wish, str(now["error"]))
        state = supervisor.state_of(layout, known.program)
        if state in _FAILED_STATES or time.monotonic() > deadline:
            raise _bad(known, wish, f"its server is {state or 'gone'}\n{log_tail(layout, known)}")
        time.sleep(_POLL_SECONDS)


def _restore(layout: Layout, known: Frame, before: Mapping[str, Any] | None) -> None:
    path = layout.endpoint(known.component) / DEPLOYMENT
    if before is None:
        supervisor.remove_program(layout, known.program)
        path.unlink(missing_ok=True)
        return
    write_json(path, before)
    if served_now(layout, known) is None:
        _run(layout, known)
    else:
        ask(layout, known, "POST", RELOAD_PATH, body="{}", timeout=_START_SECONDS)
    _await(layout, known, before)


def _bad(known: Frame, wish: Mapping[str, Any], reason: str) -> DeploymentError:
    return DeploymentError(
        f"version `{wish['version']}` of `{wish['name']}` cannot be served on "
        f"`{known.component}`: {reason}",
        remedy="the version that was served before goes on serving; train another",
    )


def _message(answer: Any) -> str:
    return str(answer.get("error", answer)) if isinstance(answer, dict) else str(answer)


def log_tail(layout: Layout, known: Frame) -> str:
    """Return the last lines of a server's log."""
    path = supervisor.log_file(layout, known.program)
    return "\n".join(_text(path).splitlines()[-_LOG_LINES:])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _note(layout: Layout, endpoint: str, version: int) -> None:
    served = history(layout, endpoint)
    if served[-1:] == [version]:
        return
    path = layout.endpoint(endpoint) / HISTORY
    document = read_json(path) or {"served": []}
    document["served"].append({"version": version, "since": utc_now()})
    write_json(path, document)
