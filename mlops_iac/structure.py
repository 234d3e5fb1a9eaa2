"""What must hold between the components of a stack, whatever the target."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

from mlops_iac.errors import Problem
from mlops_iac.specs import Dataset, ModelEndpoint, Spec, TrainingJob
from mlops_iac.stack import Declaration


def structure_problems(declaration: Declaration) -> Iterator[Problem]:
    """Yield what is wrong between components, and with the files that they name."""
    specs = declaration.specs
    yield from _duplicate_names(declaration)
    for spec in specs.values():
        yield from _wrong_references(spec, specs)
        yield from _wrong_files(spec, declaration.project_dir)
    yield from _models_without_source(specs)


def build_order(specs: Mapping[str, Spec]) -> tuple[str, ...]:
    """Return component names, each after what it refers to; unknown references are left out.

    An endpoint also comes after the jobs that train its model, so that the first version is there
    when it is deployed.
    """
    graph = {name: _needs(spec, specs) for name, spec in specs.items()}
    try:
        return tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:  # references run from kind to kind and so cannot close a circle
        raise AssertionError(f"kinds refer to each other in a circle: {error.args[1]}") from error


def producers(model: str, specs: Iterable[Spec]) -> tuple[TrainingJob, ...]:
    """Return the training jobs that add versions to `model`."""
    return tuple(spec for spec in specs if isinstance(spec, TrainingJob) and spec.model == model)


def _needs(spec: Spec, specs: Mapping[str, Spec]) -> list[str]:
    needed = [reference.name for reference in spec.references() if reference.name in specs]
    if isinstance(spec, ModelEndpoint):
        needed += [job.name for job in producers(spec.model.name, specs.values())]
    return needed


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
        found = specs.get(reference.name)
        if found is None:
            yield Problem(
                code="reference.unknown",
                component=spec.name,
                field=reference.field,
                value=reference.name,
                message=f"no component is called `{reference.name}`",
                rule=f"names a {reference.kind} of the same stack",
                remedy=_nearest(reference.name, reference.kind, specs),
            )
        elif found.kind != reference.kind:
            yield Problem(
                code="reference.kind",
                component=spec.name,
                field=reference.field,
                value=reference.name,
                message=f"`{reference.name}` is a {found.kind}",
                rule=f"names a {reference.kind}",
                remedy=_nearest(reference.name, reference.kind, specs),
            )


def _nearest(name: str, kind: str, specs: Mapping[str, Spec]) -> str:
    candidates = [other.name for other in specs.values() if other.kind == kind]
    if not candidates:
        return f"declare a {kind}"
    close = get_close_matches(name, candidates, n=1)
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
    if isinstance(spec, TrainingJob):
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
