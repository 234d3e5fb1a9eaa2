"""Predictions for every row of data: `python -m mlops_iac.runtime.batch`.

The task names the input, its format and the columns to keep; and, where no variables name a folder
and a digest, `model`: the input with the model's archive, or `{"path", "digest"}`. The rows are
read in pieces, turned into the model's inputs as the server does, and written to
`predictions/part-00000.parquet` with one more column, `prediction`: what the endpoint answers.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlops_iac.container_contract import MODEL_DIGEST, MODEL_DIR, TRUST_PICKLE
from mlops_iac.runtime import collector
from mlops_iac.runtime.archives import archived_model
from mlops_iac.runtime.conventions import local_path, root_of
from mlops_iac.runtime.errors import DataError, ModelRefusedError, RuntimeSettingError
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.frames import Piece, Table, files_of, read_pieces
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.model import LoadedModel, load_model
from mlops_iac.runtime.task import Task, TaskResult, run_task

OUTPUT = "predictions"
COLUMN = "prediction"


def main() -> int:
    """Answer for every row of the input of this process's task, return the exit code."""
    return run_task(predict)


def predict(layout: Layout, task: Task) -> TaskResult:
    """Write the predictions for the rows that a task names."""
    import pyarrow.parquet as pq

    files = files_of(layout.inputs[task["input"]], task["input"])
    model = _model(layout, task)
    folder = make_private_folder(layout.data_dir / OUTPUT)
    rows, writer = 0, None
    try:
        for table in _answered(model, read_pieces(files, task["format"]), task["keep"]):
            writer = writer or pq.ParquetWriter(folder / "part-00000.parquet", table.schema)
            writer.write_table(table.cast(writer.schema))
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        raise DataError(f"the input `{task['input']}` has no row", remedy="name data with rows")
    return TaskResult(metrics={"rows": rows}, outputs={OUTPUT: folder})


def _model(layout: Layout, task: Task) -> LoadedModel:
    trust = os.environ.get(TRUST_PICKLE) == "1"
    named = task.get("model")
    if isinstance(named, Mapping):
        folder = local_path(named["path"], root_of(os.environ))
        return load_model(folder, digest=named["digest"], trust_pickle=trust)
    if named is not None:
        found = archived_model(layout.inputs[named])
        if found is None:
            raise ModelRefusedError(
                "there is no approved version of the model", remedy="approve one, and run again"
            )
        return load_model(found.path, digest=found.digest, trust_pickle=trust)
    path, digest = os.environ.get(MODEL_DIR), os.environ.get(MODEL_DIGEST)
    if not path or not digest:
        raise RuntimeSettingError(
            f"`{MODEL_DIR}` and `{MODEL_DIGEST}` name no model", remedy="deploy again with `up`"
        )
    return load_model(Path(path), digest=digest, trust_pickle=trust)


def _answered(model: LoadedModel, pieces: Iterator[Piece], keep: Sequence[str]) -> Iterator[Table]:
    import pyarrow as pa

    from mlops_iac.runtime.server.answers import predictions
    from mlops_iac.runtime.server.payload import frame_to_data

    for piece in pieces:
        kept = _kept(piece, keep)
        data = frame_to_data(piece.to_pandas(), model.signature, finite=False)
        answers = pa.array(predictions(model.predict(data)))
        yield pa.Table.from_batches([kept]).append_column(COLUMN, answers)


def _kept(piece: Piece, keep: Sequence[str]) -> Piece:
    wanted = list(keep) or piece.schema.names
    if missing := [f"`{name}`" for name in wanted if name not in piece.schema.names]:
        raise DataError(
            f"the data has no column {', '.join(missing)}", remedy="take it out of `keep`"
        )
    if COLUMN in wanted:
        raise DataError(
            f"the data has a column `{COLUMN}` already",
            remedy=f"name the columns to write in `keep`, without `{COLUMN}`",
        )
    return piece.select(wanted)


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
