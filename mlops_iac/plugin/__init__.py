"""Host of `pulumi-resource-mlops-iac`: runs the handlers of `mlops_iac.custom` for the engine."""

__all__ = ["main"]


def main() -> int:
    """Serve the Pulumi engine that started this process; return the exit code.

    Without an engine's address it explains itself and returns 2.
    """
    from mlops_iac.plugin.process import run

    return run()
