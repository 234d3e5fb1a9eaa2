"""Why a job failed, in SageMaker's words."""

from pathlib import Path

MAX_REASON = 1024


class JobError(Exception):
    """A job cannot be done; the message becomes its FailureReason."""


def no_objects(uri: str, region: str, role: str) -> JobError:
    """Return the failure of an input that is empty."""
    return JobError(
        f'ClientError: No S3 objects found under S3 URL "{uri}" given in input data source. '
        f"Please ensure that the bucket exists in the selected region ({region}), that objects "
        f'exist under that S3 prefix, and that the role "{role}" has "s3:ListBucket" '
        f"permissions on the bucket."
    )


def algorithm_failure(told: str, code: int) -> str:
    """Return the reason of a container that exited badly."""
    said = told.strip() or "See job logs for more information"
    return f"AlgorithmError: {said[:MAX_REASON]}, exit code: {code}"


def text_of(file: Path) -> str:
    """Return what a container wrote for the platform, at most what the platform shows."""
    return file.read_text(encoding="utf-8")[:MAX_REASON] if file.is_file() else ""
