"""`python -m tests.clouds.gcp.plugins PACKAGE ENGINE`: what the engine starts."""

from tests.clouds.gcp.plugins.servicer import GcpServicer
from tests.clouds.plugins.serving import serve

serve(GcpServicer())
