"""What monitors, policies and feature groups may do beside their identity's own rights, as data.

Each is a role of the component's own: Azure takes one assignment of a role to an identity at a
place, whatever its condition, so two components would share a role that Microsoft owns.
"""

from mlops_iac.provider import Grant
from mlops_iac_azure.grants import ACTIONS, BuiltInRole

_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
_ML = "Microsoft.MachineLearningServices/workspaces"

TABLE_CONTRIBUTOR = BuiltInRole(
    "Storage Table Data Contributor", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
)
"""Of what fills a feature group, on the group's own table."""
WRITE_BLOBS = (
    f"{_BLOBS}/add/action",
    f"{_BLOBS}/delete",
    f"{_BLOBS}/read",
    f"{_BLOBS}/write",
)
"""Data actions on one folder of the store."""
READ_BLOBS = (f"{_BLOBS}/read",)
WRITE_METRICS = ("Microsoft.Insights/Metrics/Write",)
"""Data action on the workspace, whose metrics checks and policies write."""
FILL_ACTIONS = (f"{_ML}/data/read", f"{_ML}/data/versions/read", f"{_ML}/data/versions/write")
"""What filling a feature group needs in the workspace: its history is a version of an asset."""
WATCH_ACTIONS = (
    f"{_ML}/models/read",
    f"{_ML}/models/versions/read",
    f"{_ML}/onlineEndpoints/read",
    f"{_ML}/onlineEndpoints/deployments/read",
)
"""What judging traffic needs: which version is served."""
TELL_ACTIONS = (f"{_ML}/experiments/runs/read", f"{_ML}/experiments/runs/write")
"""What telling of a check needs: it tags its run."""
START_ACTIONS = ACTIONS[Grant.RUN_TRAINING]
"""What a workflow needs to start a policy's job."""
