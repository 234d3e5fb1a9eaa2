"""What only a run tells, as marks in the documents that its steps read.

Stands on the standard library: whoever does a step puts the values in.
"""

from collections.abc import Mapping
from typing import Any

RUN = "${mlops-iac.run}"
"""Id of the run."""
KEY = "${mlops-iac.key}"
"""Key of the run; its id where none is given."""
DIGEST = "${mlops-iac.digest}"
"""Digest of the model that a step registers."""


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Return JSON-like values with what is known in the place of each mark.

    A text that is nothing but a mark becomes the value itself, whatever its type.
    """
    if isinstance(value, str):
        if value in known:
            return known[value]
        for mark, text in known.items():
            value = value.replace(mark, text) if isinstance(text, str) else value
        return value
    if isinstance(value, Mapping):
        return {name: filled(item, known) for name, item in value.items()}
    return [filled(item, known) for item in value] if isinstance(value, list | tuple) else value
