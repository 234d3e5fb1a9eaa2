"""What must hold for the values of a column, checked by pandera on a whole frame at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP

Series: TypeAlias = Any
Frame: TypeAlias = Any
"""Of pandas, which is imported only where it is used."""

MAX_EXAMPLES = 5
_MAX_EXAMPLE_CHARACTERS = 100

Expectation = Mapping[str, Any]
"""Fields of `mlops_iac.specs.Expectation`, as JSON."""
Mask = Callable[[Series], Series]
"""Says for each value whether it is right."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one check of one column found."""

    column: str
    check: str
    expected: Any
    failed: int
    """Rows that fail."""
    rows: int
    allowed_percent: float
    examples: Sequence[str] = ()

    @property
    def percent(self) -> float:
        """Share of the rows that fail."""
        return 100 * self.failed / self.rows if self.rows else 0.0

    @property
    def passed(self) -> bool:
        """Whether no more rows fail than may."""
        return self.percent <= self.allowed_percent

    @property
    def fault(self) -> str:
        """What is wrong, in one sentence."""
        shown = f", such as {', '.join(f'`{value}`' for value in self.examples[:2])}"
        return (
            f"column `{self.column}`: {self.failed} of {self.rows} rows {_WORDS[self.check]}"
            f"{'' if self.expected is True else f' `{_plain(self.expected)}`'}"
            f"{shown if self.examples else ''}"
        )

    def document(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {**asdict(self), "percent": round(self.percent, 4), "passed": self.passed}


_WORDS: Mapping[str, str] = {
    "nullable": "have no value",
    "type": "are no",
    "unique": "are not unique",
    "min": "are less than",
    "max": "are greater than",
    "one_of": "are none of",
    "pattern": "do not match",
}
"""How a failing check is said, in the order in which a report shows them."""


def check_frame(frame: Frame, columns: Mapping[str, Expectation]) -> list[CheckResult]:
    """Return what every check of every column that is there found."""
    present = {name: declared for name, declared in columns.items() if name in frame.columns}
    failures = _failures(frame, present)
    return [
        CheckResult(
            column=name,
            check=check,
            expected=expected,
            failed=len(failures.get((name, check), ())),
            rows=len(frame),
            allowed_percent=declared["max_failures_percent"],
            examples=[] if check == "nullable" else _examples(failures.get((name, check), ())),
        )
        for name, declared in present.items()
        for check, expected in _asked(declared)
    ]


def _failures(
    frame: Frame, columns: Mapping[str, Expectation]
) -> Mapping[tuple[str, str], Sequence[Any]]:
    """Return the values that fail, by column and check."""
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

    schema = pa.DataFrameSchema(
        {name: _schema_column(frame[name], declared) for name, declared in columns.items()}
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        # By row: pandera gives them in no order, and a report should name the same ones again.
        cases: Any = error.failure_cases.sort_values("index", kind="stable")
        groups = cases.groupby(["column", "check"])["failure_case"]
        return {key: values.tolist() for key, values in groups}
    return {}


def _examples(values: Sequence[Any]) -> list[str]:
    return list(dict.fromkeys(_plain(value) for value in values[:50]))[:MAX_EXAMPLES]


def _schema_column(values: Series, declared: Expectation) -> Any:
    import pandera.pandas as pa

    checks = [
        pa.Check(_MASKS[check](values, expected), name=check, error=check, ignore_na=False)
        for check, expected in _asked(declared)
    ]
    return pa.Column(None, checks, nullable=True)


def _asked(declared: Expectation) -> Iterator[tuple[str, Any]]:
    """Yield each check of a column with what it expects."""
    if not declared["nullable"]:
        yield "nullable", True
    if declared["unique"]:
        yield "unique", True
    for check in ("type", "min", "max", "pattern"):
        if declared[check] is not None:
            yield check, declared[check]
    if declared["one_of"]:
        yield "one_of", declared["one_of"]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value[:10])) + (", …" if len(value) > 10 else "")  # noqa: PLR2004
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)[:_MAX_EXAMPLE_CHARACTERS]


# --- masks: what is missing is judged by `nullable` alone


def _present(values: Series, _: Any) -> Mask:
    return lambda _: values.notna()


def _unique(values: Series, _: Any) -> Mask:
    return lambda _: values.isna() | ~values.duplicated(keep=False)


def _typed(values: Series, expected: str) -> Mask:
    return lambda _: values.isna() | _TYPES[expected](values)


def _least(values: Series, expected: float) -> Mask:
    return lambda _: values.isna() | (_numbers(values) >= expected)


def _most(values: Series, expected: float) -> Mask:
    return lambda _: values.isna() | (_numbers(values) <= expected)


def _pattern(values: Series, expected: str) -> Mask:
    return lambda _: values.isna() | values.astype(str).str.fullmatch(expected)


def _one_of(values: Series, expected: Sequence[Any]) -> Mask:
    def mask(_: Series) -> Series:
        # Text is compared as text: the values of CSV have no type.
        texts = {_plain(value) for value in expected}
        is_text = values.dtype == object
        known = values.map(_plain).isin(texts) if is_text else values.isin(list(expected))
        return values.isna() | known

    return mask


_MASKS: Mapping[str, Callable[[Series, Any], Mask]] = {
    "nullable": _present,
    "unique": _unique,
    "type": _typed,
    "min": _least,
    "max": _most,
    "one_of": _one_of,
    "pattern": _pattern,
}


def _numbers(values: Series) -> Any:
    import pandas as pd

    return pd.to_numeric(values, errors="coerce")


def _are_whole(values: Series) -> Any:
    numbers = _numbers(values)
    return numbers.notna() & (numbers % 1 == 0)


def _are_numbers(values: Series) -> Any:
    return _numbers(values).notna()


def _are_true_or_false(values: Series) -> Any:
    # What pyarrow reads as a boolean in CSV: `true`, `false`, `1`, `0`.
    return values.astype(str).str.lower().isin(["true", "false", "1", "0"])


def _are_times(values: Series) -> Any:
    import pandas as pd

    if values.dtype.kind in "iuf":
        return pd.Series(False, index=values.index)
    return pd.to_datetime(values, errors="coerce", format="ISO8601", utc=True).notna()


def _are_text(values: Series) -> Any:
    return values.map(lambda value: isinstance(value, str))


_TYPES: Mapping[str, Callable[[Series], Any]] = {
    STRING: _are_text,
    INTEGER: _are_whole,
    NUMBER: _are_numbers,
    BOOLEAN: _are_true_or_false,
    TIMESTAMP: _are_times,
}
