"""The command line: one file per command group; nothing heavy is imported before it is used."""

from mlops_iac.cli.main import main

__all__ = ["main"]
