"""What a scanner finds and we leave, each with its reason. A row that nothing needs is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """One finding that is left."""

    rule: str
    resource: str
    """Pattern of the resource's address."""
    reason: str


@dataclass(frozen=True, order=True)
class Failed:
    """What a scanner found."""

    rule: str
    resource: str
    title: str = ""


def left_over(
    failed: Iterable[Failed], waivers: Iterable[Waiver]
) -> tuple[list[Failed], list[Waiver]]:
    """Return what no waiver covers, and the waivers that cover nothing."""
    found, rows = sorted(set(failed)), list(waivers)
    open_ = [item for item in found if not any(_covers(row, item) for row in rows)]
    idle = [row for row in rows if not any(_covers(row, item) for item in found)]
    return open_, idle


def _covers(row: Waiver, item: Failed) -> bool:
    return row.rule == item.rule and fnmatch(item.resource, row.resource)


_SECRETS = (
    "reads a secret at its start, which takes the network; without `environment: {…: {secret: …}}` "
    "the model is isolated"
)
CHECKOV: Mapping[str, tuple[Waiver, ...]] = {
    "aws": (
        Waiver(rule="CKV_AWS_370", resource="aws_sagemaker_model.score_*", reason=_SECRETS),
        Waiver(
            rule="CKV2_AWS_62",
            resource="aws_s3_bucket.*",
            reason="nothing waits for objects: loops are woken by SageMaker's own events",
        ),
        Waiver(
            rule="CKV_AWS_144",
            resource="aws_s3_bucket.*",
            reason="a second region is the platform team's choice: data may have to stay in one",
        ),
        Waiver(
            rule="CKV_AWS_145",
            resource="aws_s3_bucket.platform_logs",
            reason="S3's log delivery writes to a bucket with a customer's key only under a grant "
            "to the service; the logs are encrypted with S3's key",
        ),
    )
}
"""By target; Checkov judges the plan as Terraform JSON."""
