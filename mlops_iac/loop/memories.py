"""What monitors and policies of one cloud keep in its stacks' stores."""

from dataclasses import dataclass
from typing import Any

from mlops_iac.documents import Generations
from mlops_iac.loop.kept import Kept, Layout
from mlops_iac.loop.reports import Reports
from mlops_iac.loop.store import Store
from mlops_iac.loop.truth import Labels


@dataclass(frozen=True, kw_only=True)
class Memories:
    """The memories of one cloud; `where` is the provider's own place."""

    documents: Generations
    layout: Layout

    def kept(self, where: Any, bucket: str) -> Kept:
        """Return the documents of a stack."""
        return Kept(self.documents, self.layout, where, bucket)

    def store_of(self, where: Any, bucket: str, policy: str) -> Store:
        """Return the memory of a policy."""
        return Store(kept=self.kept(where, bucket), prefix=self.layout.policy_prefix(policy))

    def reports_of(self, where: Any, bucket: str, monitor: str) -> Reports:
        """Return the reports of a monitor."""
        return Reports(kept=self.kept(where, bucket), prefix=self.layout.reports_prefix(monitor))

    def labels_of(self, where: Any, bucket: str, endpoint: str) -> Labels:
        """Return the truth of an endpoint's predictions."""
        kept, prefix = self.kept(where, bucket), self.layout.truth_prefix(endpoint)
        return Labels(kept=kept, endpoint=endpoint, prefix=prefix)
