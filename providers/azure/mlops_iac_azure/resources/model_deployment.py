"""`mlops-iac:azure:ModelDeployment`: what an endpoint serves; owned here, by a policy."""

from mlops_iac.custom import Call, Properties
from mlops_iac.handlers.model_deployment import ServedModelHandler
from mlops_iac_azure import serving
from mlops_iac_azure.faults import told
from mlops_iac_azure.serving import Deployment, Work
from mlops_iac_azure.session import place_of


class ModelDeploymentHandler(ServedModelHandler):
    """Pinned: `up` converges. Alias: `up` deploys the first version, the loop the others."""

    token = "mlops-iac:azure:ModelDeployment"  # noqa: S105
    serving = serving
    told = told
    shares = ("split", "mirror")

    def asked(self, inputs: Properties) -> Deployment:
        """Return what the inputs ask for."""
        return Deployment.of(inputs)

    def work(self, call: Call) -> Work:
        """Return what deploying may use."""
        return Work(place=place_of(call.config), log=call.log, pause=call.wait)
