"""The first deployment of an endpoint that waits: started by whoever approves a version.

Vertex AI tells nobody of a label that changed, nor of an upload. So who approves, or registers an
approved version, starts the endpoint's deploy pipeline: see `docs/decisions`.
"""

from mlops_iac.rolling.waking import Waking
from mlops_iac_gcp import place
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.serving.rolling import RULES

wake = Waking(rules=RULES, start=runs.start, definition_key=place.definition_key).wake
