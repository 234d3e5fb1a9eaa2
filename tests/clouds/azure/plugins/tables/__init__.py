"""The rows of all types that the stand-in knows."""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import Row
from tests.clouds.azure.plugins.tables.access import ACCESS
from tests.clouds.azure.plugins.tables.events import EVENTS
from tests.clouds.azure.plugins.tables.learning import LEARNING
from tests.clouds.azure.plugins.tables.network import NETWORK
from tests.clouds.azure.plugins.tables.storage import STORAGE
from tests.clouds.azure.plugins.tables.watch import WATCH

__all__ = ["ROWS"]

ROWS: Mapping[str, Row] = {**STORAGE, **ACCESS, **NETWORK, **WATCH, **EVENTS, **LEARNING}
"""By Pulumi's type token."""
