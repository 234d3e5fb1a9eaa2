"""The first deployment of an endpoint that waits: started by whoever approves a version.

Azure ML tells nobody that a version's stage has changed. So who approves, or registers an approved
version, starts the endpoint's deploy job: see `docs/decisions`.
"""

from mlops_iac.rolling.waking import Waking
from mlops_iac_azure import place
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.serving.rolling import RULES

wake = Waking(rules=RULES, start=runs.start, definition_key=place.definition_key).wake
