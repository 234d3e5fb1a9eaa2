"""Which error a failed command means: a table of the engine's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mlops_iac.engine import errors
from mlops_iac.engine.events import Diagnostic


@dataclass(frozen=True, kw_only=True)
class _Meaning:
    pattern: str
    error: type[errors.EngineError]
    remedy: str
    """In braces: named groups of the pattern."""


# The words of Pulumi 3.250; first match wins.
_MEANINGS = (
    _Meaning(
        pattern=r"the stack is currently locked by|Another update is currently in progress",
        error=errors.LockedError,
        remedy="wait for the other run to end; if it was killed, run `mlops-iac recover`",
    ),
    _Meaning(
        pattern=r"incorrect passphrase|passphrase must be set|PULUMI_CONFIG_PASSPHRASE_FILE",
        error=errors.PassphraseError,
        remedy=(
            "restore the passphrase file that made this stack, or name it by "
            "`PULUMI_CONFIG_PASSPHRASE_FILE`"
        ),
    ),
    _Meaning(
        pattern=r"failed to load checkpoint|snapshot integrity failure|could not deserialize",
        error=errors.StateError,
        remedy="run `mlops-iac recover`",
    ),
    _Meaning(
        pattern=(
            r"no resource plugin 'pulumi-resource-(?P<name>(?!mlops-iac)[a-z0-9-]+)' found "
            r"in the workspace at version v(?P<version>[0-9.]+)"
        ),
        error=errors.PluginMissingError,
        remedy=(
            '`eval "$(mlops-iac env)"`, then `pulumi plugin install resource {name} {version}`: '
            "nothing is fetched behind your back"
        ),
    ),
    _Meaning(
        pattern=r"no resource plugin|failed to load plugin|could not find plugin",
        error=errors.PluginMissingError,
        remedy=(
            "install the plugin, for ours with `mlops-iac plugin install`; "
            "`mlops-iac env` prints the `PATH` that finds it"
        ),
    ),
)


def failure(
    text: str, diagnostics: Sequence[Diagnostic], program: BaseException | None
) -> errors.EngineError:
    """Return the error that the output `text` and the `diagnostics` of a failed run mean."""
    spoken = "\n".join([*(item.message for item in diagnostics), text])
    for meaning in _MEANINGS:
        if found := re.search(f"^.*(?:{meaning.pattern}).*$", spoken, re.MULTILINE):
            remedy = meaning.remedy.format_map(found.groupdict())
            return meaning.error(_clean(found[0]), remedy=remedy)
    if program is not None:
        return _program_error(program)
    if diagnostics:
        return _resource_error(diagnostics)
    return errors.EngineError(_clean(text) or "the engine failed and said nothing")


def _program_error(program: BaseException) -> errors.ProgramError:
    error = errors.ProgramError(str(program) or type(program).__name__)
    error.__cause__ = program
    return error


def _resource_error(diagnostics: Sequence[Diagnostic]) -> errors.EngineError:
    lines = [f"{_place(item)}{item.message}" for item in diagnostics]
    return errors.ResourceError(
        "\n".join(dict.fromkeys(lines)),
        remedy="mend what the message names and repeat the command: what is done stays done",
    )


def _place(item: Diagnostic) -> str:
    return f"`{item.urn.rsplit('::', 1)[-1]}`: " if item.urn else ""


def _clean(text: str) -> str:
    return text.strip().removeprefix("error: ")
