"""Handlers that say of what fails what was being done."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

from mlops_iac.custom import Handler


class TellingHandler(Handler):
    """A handler whose provider turns its clients' errors into ones with a remedy."""

    told: ClassVar[Callable[[str], AbstractContextManager[None]]]
    """Says of what fails what was being done."""

    def _told(self, doing: str) -> AbstractContextManager[None]:
        return type(self).told(doing)
