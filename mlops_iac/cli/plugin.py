"""`plugin`: how plain `pulumi` finds our provider plugin."""

import typer

from mlops_iac.cli.console import emit, note
from mlops_iac.cli.project import JsonOption

app = typer.Typer(
    help="Install the provider plugin for plain `pulumi`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def group() -> None:
    """Install the provider plugin for plain `pulumi`."""


@app.command()
def install(as_json: JsonOption = False) -> None:
    """Install `pulumi-resource-mlops-iac` among the user's Pulumi plugins."""
    from mlops_iac.engine.cli import ensure_pulumi
    from mlops_iac.plugin.install import install as install_plugin
    from mlops_iac.version import VERSION

    install_plugin(ensure_pulumi(note).command)
    emit(
        {"plugin": "mlops-iac", "version": VERSION},
        as_json=as_json,
        text=[f"installed plugin mlops-iac {VERSION}"],
    )
