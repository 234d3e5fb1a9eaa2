"""`docs/reference/problems.md`: every code that planning can answer with, read from the source.

What stands between `…` in a message is filled in when the problem is reported.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("mlops_iac", "providers")
_CODE = re.compile(r"[a-z]+\.[a-z][a-z-]*$")

FORMATTED: Mapping[str, tuple[str, ...]] = {
    "….missing": ("account.missing", "region.missing"),
    "….malformed": ("account.malformed", "role.malformed"),
}
"""Codes that are put together from a field's name."""

SHARED: Mapping[str, str] = {"feature_problem": "features.", "job_problem": "job."}
"""Functions that several modules report with, and what they put before a code."""

HEAD = """\
# Problems

Generated from the source by `python -m tools.generate_docs`: every code that planning can answer
with, where it comes from, and what it says. A `…` is filled in when the problem is reported.

Every problem names component, field, value, rule and remedy, and, in an `mlops.yaml`, file and
line; `mlops-iac plan --json` prints them as data. All problems of a declaration are reported at
once, and nothing is built while one of them is an error.

Values of a wrong type or out of range are reported as `field.` with the validator's own word, such
as `field.missing`, `field.enum` or `field.greater_than_equal`.
"""


@dataclass
class Problem:
    """One code, and what is said with it in each place."""

    code: str
    said: dict[str, None] = field(default_factory=dict[str, None])
    """`origin: message` lines in the order in which they were found."""


def page() -> str:
    """Return the page: areas in alphabetical order, a heading per code."""
    found = problems()
    lines, area = [HEAD], ""
    for code in sorted(found):
        if code.partition(".")[0] != area:
            area = code.partition(".")[0]
            lines.append(f"## {area}\n")
        lines += [f"### `{code}`\n", *found[code].said, ""]
    lines += ["## Errors of commands\n", "What is no fault of the declaration:\n"]
    lines += [f"* `{code}`: {meaning}" for code, meaning in sorted(errors().items())]
    return "\n".join(lines)


def errors() -> dict[str, str]:
    """Return the code of every error class, and the first line of its docstring."""
    found: dict[str, str] = {}
    for _, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                named = _constants(node).get("code")
                found |= (
                    {named: (ast.get_docstring(node) or "").partition("\n")[0]} if named else {}
                )
    return found


@cache
def problems() -> dict[str, Problem]:
    """Return every code in the source."""
    found: dict[str, Problem] = {}
    for path, tree in _modules():
        for code, text in _reported(tree):
            line = f"* `{_origin(path)}`: {text}" if text else f"* `{_origin(path)}`"
            found.setdefault(code, Problem(code)).said[line] = None
    return found


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _origin(path: Path) -> str:
    return next((p[10:] for p in path.parts if p.startswith("mlops_iac_")), "core")


def _reported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    prefix, constants = _prefix(tree), _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name == "PydanticCustomError":
            yield f"field.{_text(node.args[0])}", _text(node.args[1])
        elif name == "_problem" or name in SHARED:
            said = [SHARED.get(name, prefix) + text for text in map(_text, node.args)]
            codes = [code for code in said if _CODE.match(code)]
            yield from ((code, _said(node)) for code in codes[:1])
        elif name == "Problem":
            yield from ((code, _said(node)) for code in _codes(node, prefix, constants))


def _prefix(tree: ast.Module) -> str:
    """Return what a module's own `_problem` puts before its codes, such as `endpoint.`."""
    made = re.search(r"code=f'([a-z]+\.)\{code\}'", ast.unparse(tree))
    return made[1] if made else ""


def _constants(tree: ast.Module | ast.ClassDef) -> Mapping[str, str]:
    """Return the texts that a module or class gives a name."""
    return {
        ast.unparse(target): _text(statement.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
    }


def _codes(call: ast.Call, prefix: str, constants: Mapping[str, str]) -> Iterator[str]:
    """Yield what a `Problem(code=…)` may be; a code that cannot be read fails.

    Raises:
        ValueError: the code is put together in a way that this page does not know.
    """
    named = [each.value for each in call.keywords if each.arg == "code"]
    choices = [(v.body, v.orelse) if isinstance(v, ast.IfExp) else (v,) for v in named]
    for part in chain.from_iterable(choices):
        text = constants.get(ast.unparse(part), _text(part))
        if text in FORMATTED:
            yield from FORMATTED[text]
        elif _CODE.match(text):
            yield text
        elif text not in {"…", f"{prefix}…"}:  # those are a helper's parameter
            raise ValueError(f"unknown form of a problem's code: `{ast.unparse(part)}`")


def _said(call: ast.Call) -> str:
    named = {each.arg: _text(each.value) for each in call.keywords}
    parts = [named.get("message", ""), *(f"{key}: {named[key]}" for key in ("rule", "remedy")
                                         if named.get(key, "").strip("…`, "))]  # fmt: skip
    if "message" not in named:
        # `_problem(place, code, message, remedy)`: what stands after the code is what is said.
        texts = [_text(each) for each in call.args]
        after = next((i + 1 for i, text in enumerate(texts) if _CODE.match(text)), len(texts))
        parts[:1] = texts[after:]
    return "; ".join(part for part in parts if part.strip("…`, "))


def _text(node: ast.expr) -> str:
    """Return what is known of a text before it is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) for value in values)
        case ast.BinOp(left=left, right=right):
            return _text(left) + _text(right)
        case _:
            return "…"
