"""Which handler serves which resource type.

The second word of a type token is the target whose provider has the handler; only that provider is
loaded, so a broken or half-installed one does not stop the others.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from mlops_iac.custom import Handler
from mlops_iac.discovery import GROUP
from mlops_iac.errors import MlopsError, ProviderError
from mlops_iac.provider import Provider, load

HANDLERS_VARIABLE = "MLOPS_IAC_HANDLERS"
"""Further handlers, as comma-separated `module:RESOURCES`: for tests and authors of providers."""


class UnknownResourceError(MlopsError):
    """No installed provider has a handler for a resource type."""

    code = "plugin.unknown-resource"
    exit_code = 2


def handler(token: str) -> Handler:
    """Return the handler of `token`.

    Raises:
        UnknownResourceError: there is none, or a package that it needs is missing.
    """
    found = _extra().get(token) or _of_target(token.split(":")[1]).get(token)
    if found is None:
        raise UnknownResourceError(
            f"no installed provider has the resource `{token}`",
            remedy="install the package of its target, in the version that declared it",
        )
    return found


@cache
def handlers() -> Mapping[str, Handler]:
    """Return every handler by type token, sorted; without targets whose packages are missing."""
    found = dict(_extra())
    for target in sorted({entry.name for entry in entry_points(group=GROUP)}):
        # A schema tells what is installed; who asks for a missing one by name is told why.
        with suppress(UnknownResourceError):
            found.update(_of_target(target))
    return dict(sorted(found.items()))


@cache
def _extra() -> Mapping[str, Handler]:
    locations = filter(None, os.environ.get(HANDLERS_VARIABLE, "").split(","))
    return _by_token(handler for location in locations for handler in load(location))


@cache
def _of_target(target: str) -> Mapping[str, Handler]:
    entries = list(entry_points(group=GROUP, name=target))
    if len(entries) > 1:
        raise ProviderError(f"two packages serve target `{target}`", remedy="uninstall one")
    return _by_token(handler for entry in entries for handler in _loaded(entry))


def _loaded(entry: EntryPoint) -> Iterable[Handler]:
    try:
        provider: Provider = entry.load()
        return provider.handlers()
    except ImportError as error:
        raise UnknownResourceError(
            f"the resources of target `{entry.name}` need a missing package: {error}",
            remedy=f"pip install 'mlops-iac[{entry.name}]'",
        ) from error


def _by_token(handlers: Iterable[Handler]) -> Mapping[str, Handler]:
    found: dict[str, Handler] = {}
    for each in handlers:
        if each.token in found:
            raise ProviderError(f"two handlers serve `{each.token}`", remedy="remove one")
        found[each.token] = each
    return found
