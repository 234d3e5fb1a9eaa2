"""`ExperimentTracker` on this machine: an MLflow experiment, and its server when asked for."""

from collections.abc import Iterable

from mlops_iac.custom import register
from mlops_iac.outputs import ExperimentTrackerOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ExperimentTracker
from mlops_iac_local.adapting import after, nothing, output
from mlops_iac_local.names import MLFLOW_NAME, PROGRAM


class ExperimentTrackerAdapter:
    """Maps `ExperimentTracker`."""

    def check(self, spec: ExperimentTracker, scope: Scope) -> Iterable[Problem]:
        """Return nothing: the capability table says all that cannot be built here."""
        del spec, scope
        return ()

    def build(self, spec: ExperimentTracker, context: BuildContext) -> ExperimentTrackerOutputs:
        """Register the experiment."""
        import pulumi

        name = context.physical_name(MLFLOW_NAME, spec.name)
        made = register(
            "mlops-iac:local:ExperimentTracker",
            context.name(),
            {
                "component": spec.name,
                "experiment": name,
                "program": context.physical_name(PROGRAM, spec.name),
                "description": spec.description,
                "size": None if spec.server is None else spec.server.size.value,
                "tags": context.tags,
            },
            outputs=("trackingUri", "url", "tokenFile"),
            opts=context.opts("name", **after(context)),
        )
        has_server = spec.server is not None
        return ExperimentTrackerOutputs(
            native_id=made.id,
            console_url=output(made, "url") if has_server else nothing(),
            experiment=pulumi.Output.from_input(name),
            tracking_uri=output(made, "trackingUri"),
            url=output(made, "url") if has_server else nothing(),
            credential=output(made, "tokenFile") if has_server else nothing(),
        )
