"""What the engine and its command line can answer, as typed errors with a remedy."""

from mlops_iac.errors import MlopsError


class EngineError(MlopsError):
    """The Pulumi engine could not do what was asked; nothing is retried silently."""

    code = "engine"


class CliMissingError(EngineError):
    """No usable Pulumi CLI is on this machine, and none could be fetched or built."""

    code = "engine.cli-missing"


class LockedError(EngineError):
    """Another process that may be alive holds the stack."""

    code = "engine.locked"


class PassphraseError(EngineError):
    """The passphrase does not open the secrets of this stack."""

    code = "engine.passphrase"


class StateError(EngineError):
    """The state of the stack cannot be loaded."""

    code = "engine.state"


class PluginMissingError(EngineError):
    """A resource names a provider plugin that is not installed."""

    code = "engine.plugin-missing"


class ProgramError(EngineError):
    """The program that declares the resources failed; `__cause__` is its own exception."""

    code = "engine.program"


class ResourceError(EngineError):
    """A provider refused or failed to make, change or remove a resource."""

    code = "engine.resource"


class EngineInterruptedError(EngineError):
    """The operation was cancelled by a signal; the state is whole and unlocked."""

    code = "engine.interrupted"
    exit_code = 130
