"""Late truth: what turned out of predictions, checked and kept beside the endpoint's capture."""

import io
from pathlib import Path
from typing import Any

from mlops_iac.operations import Truth
from mlops_iac.runtime.monitor.captured import REQUEST
from mlops_iac.runtime.truth import read_truth
from mlops_iac_local import endpoints
from mlops_iac_local.files import locked, make_folder, write_private
from mlops_iac_local.layout import Layout
from mlops_iac_local.monitors.places import captured, told_files, truth

_EXAMPLES = 3


def tell(layout: Layout, endpoint: str, path: Path, label: str | None) -> Truth:
    """Keep the labels in a file; monitors join them to what was captured.

    Args:
        layout: the stack's folders.
        endpoint: whose predictions they are the truth of.
        path: CSV, JSON lines or parquet with `request_id`, the label, and `row` where a request
            had several; without it a request's lines are in the order of its rows.
        label: column with the label; the only other column when left out.

    Raises:
        OperationError: the file cannot be read, or lists all that is wrong with it.
    """
    endpoints.frame(layout, endpoint)
    kept = read_truth(path, label)
    known = _known(layout, endpoint, set(kept[REQUEST]))
    unknown = kept[~kept[REQUEST].isin(known)]
    return Truth(
        endpoint=endpoint,
        rows=len(kept),
        unknown=len(unknown),
        examples=tuple(unknown[REQUEST].drop_duplicates().head(_EXAMPLES)),
        file=str(_keep(layout, endpoint, kept)),
    )


def _known(layout: Layout, endpoint: str, requests: set[str]) -> set[str]:
    import pyarrow.parquet as pq

    found = set[str]()
    for path in captured(layout, endpoint).glob("[!.]*.parquet"):
        column = pq.read_table(path, columns=[REQUEST]).column(REQUEST)
        found |= requests.intersection(column.to_pylist())
    return found


def _keep(layout: Layout, endpoint: str, kept: Any) -> Path:
    folder = make_folder(truth(layout, endpoint))
    content = io.BytesIO()
    kept.to_parquet(content, index=False)
    with locked(layout.lock(f"truth-{endpoint}")):
        # Names in the order of arrival; the last number says how many labels there are.
        path = folder / f"{len(told_files(layout, endpoint)) + 1:08}-{len(kept)}.parquet"
        write_private(path, content.getvalue())
    return path
