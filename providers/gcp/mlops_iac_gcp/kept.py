"""What monitors and policies keep in a stack's store."""

from mlops_iac.loop.memories import Memories
from mlops_iac_gcp import documents, place

_MEMORIES = Memories(documents=documents, layout=place)
kept, store_of = _MEMORIES.kept, _MEMORIES.store_of
reports_of, labels_of = _MEMORIES.reports_of, _MEMORIES.labels_of
