"""`mlops-iac:gcp:ModelDeployment`: what an endpoint serves; owned here, by a policy."""

from mlops_iac.custom import Call, Properties
from mlops_iac.handlers.model_deployment import ServedModelHandler
from mlops_iac_gcp import serving
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.serving import Deployment, Work
from mlops_iac_gcp.session import place_of


class ModelDeploymentHandler(ServedModelHandler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others."""

    token = "mlops-iac:gcp:ModelDeployment"  # noqa: S105
    serving = serving
    told = told

    def asked(self, inputs: Properties) -> Deployment:
        """Return what the inputs ask for."""
        return Deployment.of(inputs)

    def work(self, call: Call) -> Work:
        """Return what deploying may use."""
        return Work(place=place_of(call.config), log=call.log, pause=call.wait)
