"""`python -m tests.clouds.azure.plugins PACKAGE ENGINE`: what the engine starts."""

from tests.clouds.azure.plugins.servicer import AzureServicer
from tests.clouds.plugins.serving import serve

serve(AzureServicer())
