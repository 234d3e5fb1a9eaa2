"""What calls of a Container App leave in Azure Monitor: a point of the metric `Requests`."""

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.times import stamp

_AUDIENCE = "https://monitor.azure.com"
_NAMESPACE = "microsoft.app/containerapps"


def count(run: Run, api: Api, status: int) -> None:
    """Count an answer of a revision.

    https://learn.microsoft.com/azure/container-apps/metrics
    """
    app = run.name.rpartition("/revisions/")[0]
    told = {"revisionName": run.id, "statusCodeCategory": f"{status // 100}xx"}
    told |= {"statusCode": str(status)}
    series = {"dimValues": [*told.values()], "min": 1, "max": 1, "sum": 1, "count": 1}
    base = {"metric": "Requests", "namespace": _NAMESPACE, "dimNames": [*told]}
    body = {"time": stamp(), "data": {"baseData": {**base, "series": [series]}}}
    api.send("POST", f"{api.root('metrics')}{app}/metrics", body=body, audience=_AUDIENCE)
