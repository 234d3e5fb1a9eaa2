"""`mlops.yaml`: the declaration as data, strict, with errors that name file and line."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mlops_iac import wording
from mlops_iac.errors import PlanError, Problem
from mlops_iac.specs import KINDS, Platform, Spec
from mlops_iac.stack import PROJECT_PATTERN, Declaration, Stack
from mlops_iac.yaml_text import Lines, read

FILE_NAME = "mlops.yaml"
TOP_KEYS = ("name", "platform", "components", "environments")
OVERLAY_KEYS = ("platform", "components")

_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def load_manifest(
    path: Path | str,
    *,
    stack: str = "dev",
    environment: Mapping[str, str] | None = None,
    config: Mapping[str, str] | None = None,
) -> Declaration:
    """Read an `mlops.yaml` (or the one in a folder) for one environment.

    Args:
        path: the file, or the folder that holds it.
        stack: the environment; its overlay is laid over the base, lists are replaced.
        environment: values of `${env:X}`; this process's own when left out.
        config: values of `${config:X}`, the stack's configuration.

    Raises:
        PlanError: every problem of the file at once, each with its line and the nearest known key.
    """
    file = Path(path) / FILE_NAME if Path(path).is_dir() else Path(path)
    data, lines = read(file)
    reader = _Reader(file, lines)
    overlaid = reader.overlaid(data, stack)
    if overlaid is None:
        raise PlanError(reader.problems)
    values = {"env": dict(os.environ if environment is None else environment)}
    values["config"] = dict(config or {})
    declared = reader.stack(reader.substituted(overlaid, (), values))
    if reader.problems or declared is None:
        raise PlanError(reader.problems)
    return Declaration(declared, file.parent.resolve(), file, reader.component_lines())


def environments(path: Path | str) -> tuple[str, ...]:
    """Return the names of the environments that a manifest declares."""
    file = Path(path) / FILE_NAME if Path(path).is_dir() else Path(path)
    data, _ = read(file)
    declared = data.get("environments") if isinstance(data, Mapping) else None
    return tuple(cast("Mapping[str, Any]", declared)) if isinstance(declared, Mapping) else ()


@dataclass
class _Reader:
    """Turns data into specs, and gathers every problem on the way."""

    file: Path
    lines: Lines

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.origins: dict[tuple[str, ...], tuple[str, ...]] = {}

    def overlaid(self, data: Any, stack: str) -> Any:
        """Return the base with the overlay of environment `stack` on it."""
        if not isinstance(data, Mapping):
            what = "is empty" if data is None else "is no mapping"
            self._problem((), "manifest.shape", what, "start with `name: …`")
            return None
        base = dict(cast("Mapping[str, Any]", data))
        self._unknown_keys(base, TOP_KEYS, ())
        overlays = base.pop("environments", None) or {}
        if not isinstance(overlays, Mapping):
            self._problem(("environments",), "manifest.shape", "is no mapping", "name each one")
            return base
        for name, overlay in cast("Mapping[str, Any]", overlays).items():
            if isinstance(overlay, Mapping):
                place = ("environments", name)
                self._unknown_keys(cast("Mapping[str, Any]", overlay), OVERLAY_KEYS, place)
            elif overlay is not None:
                self._problem(("environments", name), "manifest.shape", "is no mapping", "")
        overlay = cast("Mapping[str, Any]", overlays).get(stack)
        if isinstance(overlay, Mapping):
            return self._merged(base, cast("Mapping[str, Any]", overlay), (), stack)
        return base

    def _merged(
        self, base: Any, overlay: Mapping[str, Any], path: tuple[str, ...], stack: str
    ) -> dict[str, Any]:
        merged = dict(base) if isinstance(base, Mapping) else {}
        for key, value in overlay.items():
            place = (*path, key)
            self.origins[place] = ("environments", stack, *place)
            if value is None and path == ("components",):
                merged.pop(key, None)  # an environment may leave a component out
            elif isinstance(value, Mapping):
                merged[key] = self._merged(
                    merged.get(key), cast("Mapping[str, Any]", value), place, stack
                )
            else:
                merged[key] = value
        return merged

    def substituted(
        self, value: Any, path: tuple[str, ...], values: Mapping[str, Mapping[str, str]]
    ) -> Any:
        """Return `value` with `${env:X}` and `${config:X}` filled in."""
        if isinstance(value, Mapping):
            items = cast("Mapping[str, Any]", value).items()
            return {key: self.substituted(item, (*path, key), values) for key, item in items}
        if isinstance(value, list):
            items = enumerate(cast("list[Any]", value))
            return [self.substituted(item, (*path, str(i)), values) for i, item in items]
        if isinstance(value, str) and "${" in value:
            return self._filled(value, path, values)
        return value

    def _filled(
        self, text: str, path: tuple[str, ...], values: Mapping[str, Mapping[str, str]]
    ) -> str:
        def fill(match: re.Match[str]) -> str:
            source, _, name = match[1].partition(":")
            if source not in values or not name:
                self._problem(
                    path,
                    "variable.unknown",
                    f"`{match[0]}` is no variable",
                    "write `${env:NAME}` or `${config:NAME}`",
                )
            elif name not in values[source]:
                how = f"export {name}=…" if source == "env" else f"pulumi config set {name} …"
                self._problem(path, "variable.unset", f"`{match[0]}` is not set", f"`{how}`")
            else:
                return values[source][name]
            return match[0]

        return _VARIABLE.sub(fill, text)

    def stack(self, data: Mapping[str, Any]) -> Stack | None:
        """Return the validated stack, or `None` when there are problems."""
        name = self._name(data.get("name"))
        platform = self._platform(data.get("platform"))
        components = list(self._components(data.get("components")))
        if self.problems or name is None or platform is None:
            return None
        return Stack(name, platform=platform, components=components)

    def _name(self, name: Any) -> str | None:
        if isinstance(name, str) and re.fullmatch(PROJECT_PATTERN, name):
            return name
        message = "the stack has no `name`" if name is None else f"`{name}` is no name for a stack"
        remedy = "lower-case letters, digits and `-`, starting with a letter, at most 40"
        self._problem(("name",), "name.illegal", message, remedy, value=name)
        return None

    def _platform(self, data: Any) -> Platform | None:
        if data is None:
            return Platform()
        return cast("Platform | None", self._spec(Platform, None, data, ("platform",)))

    def _components(self, data: Any) -> Iterator[Spec]:
        if not isinstance(data, Mapping):
            if data is not None:
                self._problem(
                    ("components",), "manifest.shape", "is no mapping", "`name: {kind: Dataset, …}`"
                )
            return
        for name, fields in cast("Mapping[str, Any]", data).items():
            spec = self._component(name, fields, ("components", name))
            if spec is not None:
                yield spec

    def _component(self, name: str, data: Any, path: tuple[str, ...]) -> Spec | None:
        kinds = [kind for kind in KINDS if kind != Platform.kind]
        if not isinstance(data, Mapping):
            self._problem(path, "manifest.shape", "is no mapping", "`{kind: Dataset, …}`")
            return None
        fields = dict(cast("Mapping[str, Any]", data))
        kind = fields.pop("kind", None)
        if kind not in kinds:
            message = "has no `kind`" if kind is None else f"`{kind}` is no kind"
            close = get_close_matches(str(kind), kinds, n=1)
            remedy = f"did you mean `{close[0]}`?" if close else f"one of {', '.join(kinds)}"
            place = path if kind is None else (*path, "kind")
            self._problem(place, "kind.unknown", message, remedy, value=kind)
            return None
        return self._spec(KINDS[kind], name, fields, path)

    def _spec(
        self, kind: type[Spec], name: str | None, data: Any, path: tuple[str, ...]
    ) -> Spec | None:
        fields = data if name is None else {"name": name, **data}
        try:
            return kind.model_validate(fields)
        except ValidationError as error:
            for details in wording.distinct(error.errors(include_url=False)):
                self._invalid(kind, details, path)
            return None

    def _invalid(self, kind: type[Spec], details: Any, path: tuple[str, ...]) -> None:
        location, known = _location(kind, details["loc"])
        if location == ("name",) and path[:1] == ("components",):
            location = ()  # a component's name is its key: nobody wrote a field of that name
        place = (*path, *location)
        if details["type"] == "extra_forbidden":
            self._unknown_key(place, known)
            return
        self._problem(
            place,
            f"field.{details['type'].replace('_', '-')}",
            wording.message(details),
            wording.remedy(details),
            value=details.get("input"),
        )

    def _unknown_keys(
        self, data: Mapping[str, Any], known: tuple[str, ...], path: tuple[str, ...]
    ) -> None:
        for key in data:
            if key not in known:
                self._unknown_key((*path, key), known)

    def _unknown_key(self, place: tuple[str, ...], known: tuple[str, ...]) -> None:
        close = get_close_matches(place[-1], known, n=1)
        remedy = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(known)}"
        self._problem(place, "field.unknown", f"`{place[-1]}` is no field here", remedy)

    def _problem(
        self, place: tuple[str, ...], code: str, message: str, remedy: str, value: Any = None
    ) -> None:
        component, field = _where(place)
        self.problems.append(
            Problem(
                code=code,
                component=component,
                field=field,
                message=message,
                remedy=remedy,
                value=None if isinstance(value, Mapping | list) else value,
                file=str(self.file),
                line=self._line(place),
            )
        )

    def _line(self, place: tuple[str, ...]) -> int | None:
        for length in range(len(place), -1, -1):
            path = place[:length]
            for candidate in (self.origins.get(path, path), path):
                if candidate in self.lines:
                    return self.lines[candidate]
        return None

    def component_lines(self) -> dict[tuple[str, ...], int]:
        """Return the line of each place by component and field."""
        found: dict[tuple[str, ...], int] = {}
        for place in [*self.lines, *self.origins]:
            if place[:1] == ("components",) and len(place) > 1:
                found[place[1:]] = cast("int", self._line(place))
            elif place[:1] == ("platform",):
                found[place] = cast("int", self._line(place))
        return found


def _where(place: tuple[str, ...]) -> tuple[str, str]:
    if place[:1] == ("environments",) and len(place) > 2:  # noqa: PLR2004  name and section
        place = place[2:]
    if place[:1] == ("components",) and len(place) > 1:
        return place[1], ".".join(place[2:])
    if place[:1] == ("platform",):
        return "platform", ".".join(place[1:])
    return "", ".".join(place)


def _location(kind: type[Spec], loc: tuple[Any, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the path a user wrote, without pydantic's own steps, and the keys known there."""
    path: list[str] = []
    fields: Mapping[str, FieldInfo] = kind.model_fields
    for step in loc:
        if isinstance(step, int):
            path.append(str(step))
        elif step in fields:
            path.append(step)
            fields = _fields_below(fields[step].annotation)
        elif _VARIANTS in fields and step in _variants(fields):
            fields = _variants(fields)[step].model_fields
        elif not _is_internal(step):
            path.append(step)
    return tuple(path), tuple(name for name in fields if name not in {"name", "mode"})


def _is_internal(step: str) -> bool:
    return (
        "[" in step
        or "(" in step
        or step in {"value", "output", "str", "int", "float", "bool", "SecretRef"}
    )


_VARIANTS = "\0variants"


def _fields_below(annotation: Any) -> Mapping[str, FieldInfo]:
    parts = list(_parts_in(annotation))
    if len(parts) == 1:
        return parts[0].model_fields
    variants = {
        part.model_fields["mode"].default: part for part in parts if "mode" in part.model_fields
    }
    info = FieldInfo()
    info.json_schema_extra = cast("Any", variants)
    return {_VARIANTS: info} if variants else {}


def _variants(fields: Mapping[str, FieldInfo]) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", fields[_VARIANTS].json_schema_extra)


def _parts_in(annotation: Any) -> Iterator[Any]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _parts_in(argument)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `mlops.yaml`, generated from the specs; for editors."""
    definitions: dict[str, Any] = {}
    components: list[dict[str, Any]] = []
    for kind, spec in KINDS.items():
        schema = TypeAdapter(spec).json_schema(ref_template="#/$defs/{model}")
        definitions.update(schema.pop("$defs", {}))
        if kind != Platform.kind:
            schema["properties"] = {"kind": {"const": kind}, **schema["properties"]}
            schema["required"] = ["kind", *schema.get("required", [])]
            components.append({"$ref": f"#/$defs/{kind}"})
        schema["properties"].pop("name", None)
        schema["required"] = [name for name in schema.get("required", []) if name != "name"]
        definitions[kind] = schema
    overlay = {"type": "object", "description": "Laid over the base; lists are replaced."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mlops.yaml",
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "pattern": PROJECT_PATTERN},
            "platform": {"$ref": "#/$defs/Platform"},
            "components": {"type": "object", "additionalProperties": {"oneOf": components}},
            "environments": {"type": "object", "additionalProperties": overlay},
        },
        "$defs": definitions,
    }


__all__ = ["FILE_NAME", "environments", "json_schema", "load_manifest"]
