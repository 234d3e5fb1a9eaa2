"""Why work failed, in Azure's words."""


class WorkError(Exception):
    """Work cannot be done; the message becomes the resource's error."""

    def __init__(self, message: str, code: str = "UserError") -> None:
        super().__init__(message)
        self.code = code


def not_ready() -> WorkError:
    """Return the failure of a server that does not come up."""
    return WorkError(
        "ResourceNotReady: User container has crashed or terminated, or did not become ready. "
        "Please see the container's log."
    )


class UnknownError(WorkError):
    """The test cloud does not do that: it must not pass unseen."""


def unknown(what: str) -> UnknownError:
    """Return the failure of what the test cloud does not do."""
    return UnknownError(f"The test cloud does not do {what}.", "NotImplemented")


def exited(code: int) -> WorkError:
    """Return the failure of a job whose process exited badly."""
    return WorkError(
        f"Execution failed. User process 'python' exited with status code {code}. Please check "
        "log file 'user_logs/std_log.txt' for error details."
    )


def no_image(image: str) -> WorkError:
    """Return the failure of an image that is nowhere."""
    return WorkError(f"Failed to pull Docker image {image}. Reason: manifest unknown.")
