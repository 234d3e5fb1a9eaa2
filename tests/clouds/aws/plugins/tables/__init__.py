"""The rows of all types that the stand-ins know."""

from collections.abc import Mapping

from tests.clouds.aws.plugins.rows import Row
from tests.clouds.aws.plugins.tables.access import ACCESS
from tests.clouds.aws.plugins.tables.images import IMAGES
from tests.clouds.aws.plugins.tables.network import NETWORK
from tests.clouds.aws.plugins.tables.sagemaker import SAGEMAKER
from tests.clouds.aws.plugins.tables.storage import STORAGE
from tests.clouds.aws.plugins.tables.watch import WATCH

ROWS: Mapping[str, Row] = {**STORAGE, **ACCESS, **IMAGES, **NETWORK, **WATCH, **SAGEMAKER}
"""By Pulumi's type token."""
