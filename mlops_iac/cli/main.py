"""The application: its commands, and how an error becomes a message and an exit code."""

import gc
import os
import sys

import typer

from mlops_iac.cli import (
    catalog,
    features,
    lifecycle,
    monitoring,
    page,
    planning,
    plugin,
    scaffold,
    verbs,
)
from mlops_iac.cli.console import fail

GARBAGE = (50_000, 20, 100)
"""Thresholds of the search for garbage: at Python's own pace it takes a third of a plan's time.

A plan makes many small objects, hardly any of them garbage, beside those that packages load.
"""

# Rich would be imported for every help text, and colours a person asked not to have.
os.environ.setdefault("TYPER_USE_RICH", "0")

app = typer.Typer(
    name="mlops-iac",
    help="Declare an MLOps stack once; run it on this machine or on a cloud.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for group in (scaffold, planning, lifecycle, verbs, features, monitoring, page, catalog):
    group.add_to(app)
app.add_typer(plugin.app, name="plugin")


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Show the version and stop."),
) -> None:
    """Declare an MLOps stack once; run it on this machine or on a cloud."""
    if show:
        from mlops_iac.version import VERSION

        typer.echo(f"mlops-iac {VERSION}")
        raise typer.Exit


def main() -> None:
    """Run the command line; exit 0 fine, 1 failed, 2 declaration, 130 interrupted."""
    from mlops_iac.errors import MlopsError

    gc.set_threshold(*GARBAGE)
    try:
        app()
    except MlopsError as error:
        fail(error)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output, such as `head`, went away; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
