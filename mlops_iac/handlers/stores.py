"""What handlers of documents in a store name of their provider."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from mlops_iac.custom import Call
from mlops_iac.documents import Documents
from mlops_iac.handlers.telling import TellingHandler


class StoreHandler(TellingHandler):
    """A handler of what lies in a store."""

    documents: ClassVar[Documents]
    where_of: ClassVar[Callable[[Mapping[str, Any]], Any]]
    """Returns the place that the configuration of our Pulumi provider names."""

    def _where(self, call: Call) -> Any:
        return type(self).where_of(call.config)
