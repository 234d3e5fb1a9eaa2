"""Finding providers: by entry points, without importing their SDKs."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import MappingProxyType

from mlops_iac.errors import ProviderError, UnknownTargetError
from mlops_iac.provider import Provider

GROUP = "mlops_iac.providers"
"""Entry point group; the entry's name is the target's name."""


@cache
def providers() -> Mapping[str, Provider]:
    """Return every discovered provider by target name, sorted.

    Raises:
        ProviderError: two packages serve the same target, or one cannot be loaded.
    """
    found: dict[str, Provider] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in found:
            raise ProviderError(
                f"two packages serve target `{entry.name}`",
                remedy=f"uninstall one; the second is `{entry.value}`",
            )
        provider = entry.load()
        if not isinstance(provider, Provider) or provider.name != entry.name:
            raise ProviderError(f"entry point `{entry.name}` = `{entry.value}` is not its provider")
        found[entry.name] = provider
    return MappingProxyType(found)


def provider(target: str) -> Provider:
    """Return the provider that serves `target`.

    Raises:
        UnknownTargetError: none does; the message lists what there is.
    """
    known = providers()
    if target not in known:
        raise UnknownTargetError(
            f"no installed provider serves target `{target}`",
            remedy=f"known targets: {', '.join(f'`{name}`' for name in known)}",
        )
    return known[target]


def missing_modules(provider: Provider) -> tuple[str, ...]:
    """Return the modules that must be installed before `provider` can build."""
    return tuple(name for name in provider.requires if not _is_importable(name))


def install_hint(provider: Provider) -> str:
    """Return the command that installs what `provider` needs."""
    return f"pip install 'mlops-iac[{provider.extra}]'"


def _is_importable(module: str) -> bool:
    return find_spec(module) is not None
