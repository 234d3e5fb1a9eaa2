"""A context of a platform's adapter that remembers what is registered with its options."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from mlops_iac.provider import BuildContext

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class Collecting(BuildContext):
    """A context that keeps what is registered with its options."""

    made: list[pulumi.Resource] = field(default_factory=list[Any])

    @classmethod
    def of(cls, context: BuildContext) -> Collecting:
        """Return `context`, collecting."""
        return cls(**{each.name: getattr(context, each.name) for each in fields(BuildContext)})

    def opts(self, field: str = "", **options: Any) -> pulumi.ResourceOptions:
        """Return options as `BuildContext.opts` does."""
        import pulumi

        keep = pulumi.ResourceOptions(transformations=[self._keep])
        return pulumi.ResourceOptions.merge(super().opts(field, **options), keep)

    def _keep(self, args: pulumi.ResourceTransformationArgs) -> None:
        self.made.append(args.resource)
