"""`python -m tests.clouds.aws.plugins PACKAGE ENGINE`: what the engine starts."""

from tests.clouds.aws.plugins.servicer import AwsServicer
from tests.clouds.plugins.serving import serve

serve(AwsServicer())
