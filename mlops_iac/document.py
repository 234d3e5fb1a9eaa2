"""The plan document: what a declaration becomes on each target, as one JSON value."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_iac.discovery import install_hint, missing_modules, provider
from mlops_iac.errors import MlopsError
from mlops_iac.planning import Plan, plan
from mlops_iac.provider import load
from mlops_iac.sharing import SharedPlatform
from mlops_iac.stack import Declaration
from mlops_iac.target import TargetConfig

if TYPE_CHECKING:
    from mlops_iac.recording import Recording

VERSION = 1
"""Version of the document's form; see `DESIGN`, interfaces."""


def plan_document(
    declaration: Declaration,
    targets: Iterable[str | None],
    *,
    stack: str = "dev",
    config: TargetConfig | None = None,
    shared: SharedPlatform | None = None,
) -> dict[str, Any]:
    """Return `{"version": 1, "targets": {...}}`; offline, with no engine and no credentials.

    Args:
        declaration: what is declared, and where.
        targets: names of targets; `None` stands for the one that is declared.
        stack: name of the Pulumi stack.
        config: what the stack's configuration says about targets.
        shared: the platform, when the declaration names another stack's.
    """
    documents: dict[str, Any] = {}
    for wanted in targets:
        drawn = plan(declaration, stack=stack, config=config, target=wanted, shared=shared)
        name = wanted or next(iter(drawn.platforms), "none")
        documents[name] = target_document(drawn)
    return {"version": VERSION, "targets": documents}


def recorded_document(recordings: Mapping[str, "Recording"]) -> dict[str, Any]:
    """Return the document of programs that use components directly, by target."""
    return {
        "version": VERSION,
        "targets": {
            name: {
                "resources": [resource.document() for resource in recording.resources],
                "problems": [],
                "portability": [],
                "permissions": None,
                "can_apply": True,
            }
            for name, recording in recordings.items()
        },
    }


def target_document(drawn: Plan) -> dict[str, Any]:
    """Return the document of one plan; without resources when it has errors."""
    resources = [] if drawn.errors else _resources(drawn)
    return {
        "resources": resources,
        "problems": [problem.document() for problem in drawn.problems],
        "portability": [row.document() for row in drawn.portability],
        "permissions": _permissions(drawn, resources),
        "can_apply": all(provider(target).can_apply for target in drawn.platforms),
    }


def _permissions(drawn: Plan, resources: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return what deploying takes on the main target; `None` where that is not told."""
    for target, platform in drawn.platforms.items():
        location = provider(target).permissions
        if location is not None and resources:
            return load(location)(resources, drawn.scopes[platform.name])
    return None


def _resources(drawn: Plan) -> list[Mapping[str, Any]]:
    for target in drawn.platforms:
        served_by = provider(target)
        if missing := missing_modules(served_by):
            raise MlopsError(
                f"planning for `{target}` needs {', '.join(missing)}",
                remedy=install_hint(served_by),
            )
    from mlops_iac.components import build_plan
    from mlops_iac.recording import record

    recording = record(
        lambda: build_plan(drawn),
        project=drawn.declaration.stack.name,
        stack_name=drawn.stack,
    )
    return [resource.document() for resource in recording.resources]
