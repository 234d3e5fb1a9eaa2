"""Why work failed, in Vertex AI's words."""

MAX_REASON = 2000


class WorkError(Exception):
    """Work cannot be done; the message becomes the resource's error."""


def exited(replica: str, code: int, job: str, project: str) -> str:
    """Return the reason of a container that exited badly."""
    return (
        f"The replica {replica} exited with a non-zero status of {code}. To find out more about "
        "why your job exited please check the logs: https://console.cloud.google.com/logs/viewer?"
        f"project={project}&resource=ml_job%2Fjob_id%2F{job}"
    )


def no_image(image: str) -> WorkError:
    """Return the failure of an image that is nowhere."""
    return WorkError(f"Failed to pull the image `{image}`: it was not found.")


def not_ready() -> WorkError:
    """Return the failure of a server that does not come up."""
    return WorkError(
        "Model server never became ready. Please validate that your model file or container "
        "configuration are valid. Model server logs tell more."
    )


class UnknownError(WorkError):
    """The test cloud does not do that: it must not pass unseen."""


def unknown(what: str) -> UnknownError:
    """Return the failure of what the test cloud does not do."""
    return UnknownError(f"The test cloud does not do {what}.")
