"""What the user sees when a call fails: a message and a hint, never a trace or a secret."""

import os
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from mlops_iac.custom import Cancelled
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.folders import append
from mlops_iac.plugin.redaction import Redactor

DEBUG_VARIABLE = "MLOPS_IAC_DEBUG"
LOG_FILE = "plugin.log"


class Reason(Enum):
    """Why a call failed, as far as the engine must tell it apart."""

    CANCELLED = "cancelled"
    REFUSED = "refused"
    BROKEN = "broken"


@dataclass(frozen=True, kw_only=True)
class Partial:
    """A resource that exists although its call failed."""

    id: str
    state: Mapping[str, Any]
    """Wire-ready: secrets are marked."""
    inputs: Mapping[str, Any]


class CallError(Exception):
    """A call failed; the message is ready for the user."""

    def __init__(self, message: str, reason: Reason, partial: Partial | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.partial = partial


def explained(
    error: Exception, doing: str, redactor: Redactor, folder: Path, partial: Partial | None = None
) -> CallError:
    """Return what the engine may show of `error`; the full trace goes into the log file."""
    match error:
        case CallError():
            return error
        case Cancelled():
            return CallError(f"{doing} was stopped on request", Reason.CANCELLED, partial)
        case MlopsError():
            return CallError(redactor.text(str(error)), Reason.REFUSED, partial)
        case _:
            message = _unexpected(error, doing, redactor, folder)
            return CallError(message, Reason.BROKEN, partial)


def _unexpected(error: Exception, doing: str, redactor: Redactor, folder: Path) -> str:
    trace = redactor.text("".join(traceback.format_exception(error)))
    log = folder / LOG_FILE
    append(log, f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {doing}\n{trace}\n")
    detail = redactor.text(str(error)).strip() or "no message"
    message = f"{doing} failed: {type(error).__name__}: {detail}\n  hint: the trace is in `{log}`"
    return f"{message}\n{trace}" if os.environ.get(DEBUG_VARIABLE) else message
