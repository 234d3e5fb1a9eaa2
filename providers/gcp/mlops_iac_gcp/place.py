"""Where things lie in the stack's bucket: its paths, and how they are addressed.

It stands on the standard library: whoever starts a job without the engine knows where to look.
Containers see the bucket as the folder `/gcs/<bucket>`.
"""

from mlops_iac.store_paths import *  # noqa: F403  the paths are as those of every store

IMAGES = "images/"


def image_key(digest: str) -> str:
    """Return where the folder that an image is built in lies."""
    return f"{IMAGES}{digest}.zip"


def template_key(component: str, digest: str) -> str:
    """Return where the compiled pipeline of a component lies."""
    return f"pipelines/{component}/{digest}.json"


def async_prefix(endpoint: str) -> str:
    """Return the folder with requests to an asynchronous endpoint, and with its answers."""
    return f"async/{endpoint}"


def tracking_prefix(tracker: str) -> str:
    """Return the folder in which the runs of a tracking server leave their files."""
    return f"tracking/{tracker}"


def uri(bucket: str, path: str) -> str:
    """Return the URI of an object of the bucket."""
    return f"gs://{bucket}/{path}"


def mounted(location: str) -> str:
    """Return where a container finds what lies at a URI; BigQuery tables by their address only."""
    if not location.startswith("gs://"):
        return location
    return f"/gcs/{location.removeprefix('gs://')}".rstrip("*").rstrip("/")


def split(location: str) -> tuple[str, str]:
    """Return bucket and path of a URI."""
    bucket, _, path = location.removeprefix("gs://").partition("/")
    return bucket, path
