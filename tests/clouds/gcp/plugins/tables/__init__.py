"""The rows of all types that the stand-in knows."""

from collections.abc import Mapping

from tests.clouds.gcp.plugins.rows import Member, Row
from tests.clouds.gcp.plugins.tables.access import ACCESS
from tests.clouds.gcp.plugins.tables.members import MEMBERS
from tests.clouds.gcp.plugins.tables.network import NETWORK
from tests.clouds.gcp.plugins.tables.running import RUNNING
from tests.clouds.gcp.plugins.tables.storage import STORAGE
from tests.clouds.gcp.plugins.tables.vertex import VERTEX
from tests.clouds.gcp.plugins.tables.watch import WATCH

__all__ = ["MEMBERS", "ROWS", "Member"]

ROWS: Mapping[str, Row] = {**STORAGE, **ACCESS, **NETWORK, **WATCH, **RUNNING, **VERTEX}
"""By Pulumi's type token."""
