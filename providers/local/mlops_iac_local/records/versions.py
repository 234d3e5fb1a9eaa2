"""Versions of every model, with who decided and what its gates said."""

import json
from collections.abc import Iterator

from mlops_iac.records import VersionRecord
from mlops_iac.reports import judgement
from mlops_iac_local import registry
from mlops_iac_local import registry_reads as reads
from mlops_iac_local.layout import Layout


def version_records(layout: Layout) -> Iterator[VersionRecord]:
    """Yield the versions of each model, newest first."""
    for folder in sorted(layout.model("any").parent.glob(f"*/{registry.POLICY}")):
        model = folder.parent.name
        tags = reads.version_tags(layout, registry.policy(layout, model).mlflow_name)
        for version in registry.versions(layout, model):
            own = tags.get(version.version, {})
            yield VersionRecord(
                version=version,
                decided=own.get(reads.DECIDED_TAG),
                comment=own.get(reads.COMMENT_TAG, ""),
                gates=tuple(map(judgement, json.loads(own.get(reads.GATES_TAG, "[]")))),
            )
