"""Names on this machine, as data."""

from mlops_iac.provider import NameRule

MLFLOW_NAME = NameRule(
    max_length=200,
    pattern=r"[a-z][a-z0-9-]*",
    # Registered models and experiments take nearly everything but `/` and `:`; URIs
    # (`models:/name/3`) are easier to read with the letters of every other target.
    source="mlflow/utils/validation.py: _validate_model_name",
)
"""A registered model or an experiment."""

PROGRAM = NameRule(
    max_length=80,
    pattern=r"[a-z][a-z0-9-]*",
    source="supervisor/options.py: process_or_group_name refuses `:`, `/` and blanks",
)
"""A program under the supervisor."""
