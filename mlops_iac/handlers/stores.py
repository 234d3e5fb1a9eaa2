"""What handlers of documents in a store name of their provider."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from mlops_iac.custom import Call, Handler
from mlops_iac.documents import Documents


class StoreHandler(Handler):
    """A handler of what lies in a store."""

    documents: ClassVar[Documents]
    where_of: ClassVar[Callable[[Mapping[str, Any]], Any]]
    """Returns the place that the configuration of our Pulumi provider names."""
    told: ClassVar[Callable[[str], AbstractContextManager[None]]]
    """Says of what fails what was being done."""

    def _where(self, call: Call) -> Any:
        return type(self).where_of(call.config)

    def _told(self, doing: str) -> AbstractContextManager[None]:
        return type(self).told(doing)
