"""Names for Arrow's classes and functions, of which it has no types."""

from typing import Any

Table = Any
"""A `pyarrow.Table`."""
Column = Any
"""A `pyarrow.ChunkedArray`."""
Rows = Any
"""A `pyarrow.Array` of row numbers; where it is null, the row that is taken is all null."""


def functions() -> Any:
    """Return `pyarrow.compute`, whose functions are made when it is imported."""
    import pyarrow.compute

    return pyarrow.compute
