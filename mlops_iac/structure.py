"""What must hold between the components of a stack, whatever the target."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

from mlops_iac.errors import Problem
from mlops_iac.specs import Dataset, ModelEndpoint, Reference, Spec
from mlops_iac.specs.jobs import ScriptJob
from mlops_iac.stack import Declaration
from mlops_iac.wiring import producers, waits_for, wiring_problems


def structure_problems(declaration: Declaration) -> Iterator[Problem]:
    """Yield what is wrong between components, and with the files that they name."""
    specs = declaration.specs
    yield from _duplicate_names(declaration)
    for spec in specs.values():
        yield from _wrong_references(spec, specs)
        yield from _wrong_files(spec, declaration.project_dir)
    yield from _models_without_source(specs)
    yield from _circle(specs)
    yield from wiring_problems(specs)


def build_order(specs: Mapping[str, Spec]) -> tuple[str, ...]:
    """Return component names, each after what it needs; unknown references are left out.

    Components in a circle, which `structure_problems` reports, come in the order of their
    declaration.
    """
    sorter = TopologicalSorter(_graph(specs))
    try:
        return tuple(sorter.static_order())
    except CycleError:
        return tuple(specs)


def _graph(specs: Mapping[str, Spec]) -> dict[str, list[str]]:
    return {name: _needs(spec, specs) for name, spec in specs.items()}


def _needs(spec: Spec, specs: Mapping[str, Spec]) -> list[str]:
    named = (reference.name for reference in spec.references())
    return [name for name in (*named, *waits_for(spec, specs)) if name in specs]


def _circle(specs: Mapping[str, Spec]) -> Iterator[Problem]:
    try:
        TopologicalSorter(_graph(specs)).prepare()
    except CycleError as error:
        names = error.args[1]
        yield Problem(
            code="reference.circle",
            component=names[0],
            field="",
            value=names[0],
            message=f"components wait for each other: {' → '.join(f'`{n}`' for n in names)}",
            rule="data flows in one direction",
            remedy="take one of these references away",
        )


def _duplicate_names(declaration: Declaration) -> Iterator[Problem]:
    names = [spec.name for spec in declaration.stack.components]
    names.append(declaration.stack.platform.name)
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(
                code="name.duplicate",
                component=name,
                field="name",
                value=name,
                message=f"{count} components are called `{name}`",
                rule="names are unique in a stack, the platform's included",
                remedy="rename all but one",
            )


def _wrong_references(spec: Spec, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    for reference in spec.references():
        found, kinds = specs.get(reference.name), _listed(reference.kinds)
        if found is None:
            yield Problem(
                code="reference.unknown",
                component=spec.name,
                field=reference.field,
                value=reference.name,
                message=f"no component is called `{reference.name}`",
                rule=f"names a {kinds} of the same stack",
                remedy=_nearest(reference, specs),
            )
        elif found.kind not in reference.kinds:
            yield Problem(
                code="reference.kind",
                component=spec.name,
                field=reference.field,
                value=reference.name,
                message=f"`{reference.name}` is a {found.kind}",
                rule=f"names a {kinds}",
                remedy=_nearest(reference, specs),
            )


def _listed(kinds: Sequence[str]) -> str:
    *others, last = kinds
    return f"{', '.join(others)} or {last}" if others else last


def _nearest(reference: Reference, specs: Mapping[str, Spec]) -> str:
    candidates = [other.name for other in specs.values() if other.kind in reference.kinds]
    if not candidates:
        return f"declare a {reference.kinds[0]}"
    close = get_close_matches(reference.name, candidates, n=1)
    return f"did you mean `{close[0]}`?" if close else f"known: {', '.join(sorted(candidates))}"


def _models_without_source(specs: Mapping[str, Spec]) -> Iterator[Problem]:
    for spec in specs.values():
        if not isinstance(spec, ModelEndpoint) or spec.model.name not in specs:
            continue
        if not producers(spec.model.name, specs.values()):
            yield Problem(
                code="model.no-producer",
                component=spec.name,
                field="model",
                value=str(spec.model.name),
                message=f"nothing in this stack trains `{spec.model.name}`",
                rule="a served model has a TrainingJob that registers versions of it",
                remedy=f"declare a TrainingJob with `model: {spec.model.name}`",
            )


def _wrong_files(spec: Spec, project_dir: Path) -> Iterator[Problem]:
    if isinstance(spec, ScriptJob):
        for field in ("script", "requirements"):
            path = getattr(spec, field)
            if path is not None:
                yield from _wrong_path(spec.name, field, path, project_dir)
    if isinstance(spec, Dataset) and not spec.is_remote:
        yield from _wrong_path(spec.name, "source", spec.source, project_dir)


def _wrong_path(component: str, field: str, path: str, project_dir: Path) -> Iterator[Problem]:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path or "\\" in path:
        yield Problem(
            code="path.outside",
            component=component,
            field=field,
            value=path,
            message=f"`{path}` leaves the folder of the declaration",
            rule="paths are relative, with `/`, and without `..`",
            remedy="move or link the file into the project",
        )
    elif not _exists(project_dir, path):
        yield Problem(
            code="path.missing",
            component=component,
            field=field,
            value=path,
            message=f"`{path}` matches no file in `{project_dir}`",
            rule="names a file that exists" if field != "source" else "matches at least one file",
            remedy="paths are relative to the declaration",
        )


def _exists(project_dir: Path, pattern: str) -> bool:
    return any(path.is_file() for path in _matches(project_dir, pattern))


def _matches(project_dir: Path, pattern: str) -> Iterator[Path]:
    exact = project_dir / pattern
    if exact.is_dir():
        yield from exact.rglob("*")
    elif exact.exists():
        yield exact
    else:
        yield from project_dir.glob(pattern)
