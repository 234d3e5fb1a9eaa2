"""YAML as people mean it: plain data, no surprises, and the line of every place.

Only the safe subset is read: no aliases (a small file could unfold to gigabytes), no tags that
make objects, no duplicate keys, and `no` stays a word (YAML 1.2's booleans).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

from mlops_iac.errors import PlanError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 32

_PLAIN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "map", "null", "seq", "str")
)

Path_ = tuple[str, ...]
Lines = dict[Path_, int]


class _Loader(yaml.SafeLoader):
    """SafeLoader with the booleans and numbers of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for _REPLACED in [
        {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)


def read(file: Path) -> tuple[Any, Lines]:
    """Return the data of a YAML file and the line (from 1) of every place in it.

    Raises:
        PlanError: the file cannot be read, or holds what the safe subset does not allow.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _refusal(file, None, f"is larger than {MAX_BYTES} bytes", "split the stack")
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(file, None, f"cannot be read: {error}", "name an `mlops.yaml`") from None
    return parse(text, file)


def parse(text: str, file: Path) -> tuple[Any, Lines]:
    """Return the data of a YAML text and the line of every place in it."""
    loader = _Loader(text)
    try:
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.AliasEvent):
                line = cast("yaml.Mark", event.start_mark).line + 1
                raise _refusal(file, line, "aliases are not read", "write the value out")
        node = loader.get_single_node()
        lines: Lines = {}
        data = None if node is None else _construct(loader, node, (), lines, file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line: int | None = None if mark is None else mark.line + 1
        why = getattr(error, "problem", None) or str(error)
        raise _refusal(file, line, f"is no YAML: {why}", "check indentation and quotes") from None
    except RecursionError:
        raise _refusal(file, None, "is nested too deep", "flatten it") from None
    finally:
        loader.dispose()
    return data, lines


def _construct(loader: _Loader, node: yaml.Node, path: Path_, lines: Lines, file: Path) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > MAX_DEPTH:
        raise _refusal(file, node.start_mark.line + 1, "is nested too deep", "flatten it")
    if node.tag not in _PLAIN_TAGS:
        raise _refusal(
            file, node.start_mark.line + 1, f"the tag `{node.tag}` is not read", "write plain data"
        )
    if isinstance(node, yaml.MappingNode):
        return dict(_items(loader, node, path, lines, file))
    if isinstance(node, yaml.SequenceNode):
        return [
            _construct(loader, item, (*path, str(index)), lines, file)
            for index, item in enumerate(node.value)
        ]
    return loader.construct_object(node)


def _items(
    loader: _Loader, node: yaml.MappingNode, path: Path_, lines: Lines, file: Path
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key is None or key_node.tag == "tag:yaml.org,2002:merge":
            raise _refusal(file, line, "a key must be a plain word", "write the keys out")
        if key in seen:
            raise _refusal(file, line, f"`{key}` is written twice", "keep one of them")
        seen.add(key)
        lines[*path, key] = line
        yield key, _construct(loader, value_node, (*path, key), lines, file)


def _refusal(file: Path, line: int | None, message: str, remedy: str) -> PlanError:
    return PlanError(
        [
            Problem(
                code="manifest.syntax",
                component="",
                field="",
                message=f"`{file.name}` {message}" if line is None else message,
                remedy=remedy,
                file=str(file),
                line=line,
            )
        ]
    )
