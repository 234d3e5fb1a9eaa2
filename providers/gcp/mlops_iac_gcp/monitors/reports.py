"""A check's report, copied from its run's folder to the monitor's."""

from datetime import datetime
from typing import Any

from mlops_iac.runtime.monitor.__main__ import PAGE, REPORT
from mlops_iac_gcp import documents
from mlops_iac_gcp.kept import reports_of
from mlops_iac_gcp.session import Place, storage


def keep(where: Place, bucket: str, monitor: str, base: str, until: datetime) -> dict[str, Any]:
    """Copy what a check of traffic until a moment has left under `base`; return its report."""
    folder = reports_of(where, bucket, monitor).folder(until)
    client = storage(where).bucket(bucket)
    for name in (PAGE, REPORT):
        left = client.blob(f"{base}/output/{name}")
        if name == REPORT or left.exists():
            client.copy_blob(left, client, f"{folder}/{name}")
    return documents.read(where, bucket, f"{folder}/{REPORT}") or {}
