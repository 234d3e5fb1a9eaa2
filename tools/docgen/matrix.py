"""`docs/reference/matrix.md` and the README's kinds: what the providers say that they carry."""

from collections.abc import Iterator

from mlops_iac.capabilities import Level
from mlops_iac.matrix import kind_lines, matrix_document, matrix_lines

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"

HEAD = """\
# Support matrix

Generated from the providers' capability tables by `python -m tools.generate_docs`; `mlops-iac
matrix` prints the same. A declaration that asks for what is not `native` or `emulated` is refused
by planning, with the note below as its remedy.
"""

LEVELS = {
    Level.NATIVE: "a managed service (on `local`, a real part) does it",
    Level.EMULATED: "composed from other services; the note says how",
    Level.NOT_IMPLEMENTED: "the service can; the adapter does not yet",
    Level.NOT_AVAILABLE: "the service or its Pulumi SDK lacks it; the source says so",
    Level.NEVER: "it contradicts what the target is",
}


def page() -> str:
    """Return the page: the table, the levels, and every note."""
    levels = [f"* **{level.value}**: {meaning}" for level, meaning in LEVELS.items()]
    kinds = ["## Kinds", "", *kind_lines(), "", "## Capabilities", "", *matrix_lines()]
    return "\n".join([HEAD, *levels, "", *kinds, "", "## Notes", "", *_notes()])


def readme(text: str) -> str:
    """Return the README with the kinds of today between its markers."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{BEGIN}", "", *kind_lines(), "", f"{END}{after}"])


def _notes() -> Iterator[str]:
    for capability, row in matrix_document().items():
        noted = {name: cell for name, cell in row.items() if cell["note"]}
        if noted:
            yield f"### `{capability}`\n"
        for name, cell in noted.items():
            source = f" ([source]({cell['url']}))" if cell["url"] else ""
            yield f"* `{name}`: {cell['level']}: {cell['note']}{source}"
        if noted:
            yield ""
