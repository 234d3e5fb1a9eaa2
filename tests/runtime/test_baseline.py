"""What a run hands over of the rows that it learned from."""

from pathlib import Path

import pandas as pd
import pytest

from mlops_iac.runtime.context import (
    BASELINE_FILE,
    BASELINE_ROWS,
    TrainingContext,
    training_context,
)


@pytest.fixture
def context(tmp_path: Path) -> TrainingContext:
    return training_context(
        {
            "MLOPS_PLATFORM": "mlops-iac",
            "MLOPS_OUTPUT_DIR": str(tmp_path / "out"),
            "MLOPS_MODEL_DIR": str(tmp_path / "model"),
        }
    )


def test_a_small_baseline_is_kept_whole_and_private(
    context: TrainingContext, tmp_path: Path
) -> None:
    rows = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]})

    context.log_baseline(rows)

    file = tmp_path / "out" / BASELINE_FILE
    pd.testing.assert_frame_equal(pd.read_parquet(file), rows)
    assert file.stat().st_mode & 0o077 == 0


def test_a_large_baseline_is_drawn_alike_each_time(
    context: TrainingContext, tmp_path: Path
) -> None:
    rows = pd.DataFrame({"a": range(BASELINE_ROWS * 2)})
    file = tmp_path / "out" / BASELINE_FILE

    context.log_baseline(rows)
    first = file.read_bytes()
    context.log_baseline(rows)

    assert file.read_bytes() == first
    assert len(pd.read_parquet(file)) == BASELINE_ROWS
