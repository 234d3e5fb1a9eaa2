"""What is declared of a job's inputs, and whether the mounted files keep to it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.container_contract import COLUMNS
from mlops_iac.runtime.columns import FILES, FORMATS, check_columns, check_readable
from mlops_iac.runtime.errors import DataError, RuntimeSettingError
from mlops_iac.runtime.layout import Inputs


@dataclass(frozen=True, kw_only=True)
class DataContract:
    """Format and columns of one input."""

    input: str
    format: str
    columns: Mapping[str, str] = field(default_factory=dict[str, str])


def check_inputs(environment: Mapping[str, str], inputs: Inputs) -> None:
    """Compare the files of every input with what is declared of it.

    Raises:
        DataError: an input is missing or empty, or a file is not what is declared.
        RuntimeSettingError: a declaration cannot be read.
    """
    for contract in read_contracts(environment):
        if not contract.columns or contract.format == FILES:
            continue
        files = data_files(inputs[contract.input])
        if not files:
            raise DataError(
                f"the input `{contract.input}` holds no file",
                remedy="name data that is there, and that the workload's identity may list",
            )
        check_readable(files, contract.format)
        check_columns(files, contract.format, contract.columns)


def read_contracts(environment: Mapping[str, str]) -> Iterator[DataContract]:
    """Yield what is declared of the inputs, by their names."""
    for variable, text in sorted(environment.items()):
        if variable.startswith(COLUMNS) and text:
            yield _contract(variable, text)


def _contract(variable: str, text: str) -> DataContract:
    document = _document(variable, text)
    columns, form = document.get("columns"), document.get("format")
    if not isinstance(columns, dict) or form not in FORMATS:
        raise RuntimeSettingError(
            f"`{variable}` lacks `columns` or a known `format`",
            remedy="deploy the job again with `up`",
        )
    return DataContract(input=variable.removeprefix(COLUMNS), format=form, columns=columns)


def _document(variable: str, text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(
            text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        )
    except (OSError, ValueError) as error:
        raise RuntimeSettingError(
            f"`{variable}` cannot be read: {error}",
            remedy="it is a JSON object, or the path of a file with one",
        ) from error
    if not isinstance(document, dict):
        raise RuntimeSettingError(f"`{variable}` is no JSON object")
    return document


def data_files(path: Path) -> dict[str, Path]:
    """Return the files of data, by their path in its folder; empty when there are none."""
    if path.is_file():
        return {path.name: path}
    # Spark and its kin leave `_SUCCESS` and `.crc` files beside the data.
    return {
        file.relative_to(path).as_posix(): file
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.name.startswith(("_", "."))
    }
