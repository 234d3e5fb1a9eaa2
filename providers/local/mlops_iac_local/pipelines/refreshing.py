"""New files of a dataset become a version of it, as `up` would make one."""

from mlops_iac.content import folder_digest
from mlops_iac.runtime.columns import check_columns, check_readable
from mlops_iac_local import store
from mlops_iac_local.files import locked, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines.present import dataset_files, dataset_record, record_file


def store_version(layout: Layout, name: str, digest: str) -> None:
    """Keep the present files of a dataset as the version `digest`; nothing when it is kept.

    Raises:
        DataError: the files are not what the dataset declares.
        LocalError: the files are no longer those of `digest`.
    """
    if store.stored(layout, "data", digest).is_dir():
        return
    record, files = dataset_record(layout, name), dataset_files(layout, name)
    check_readable(files, record["format"])
    check_columns(files, record["format"], record["columns"])
    store.add(layout, "data", digest, files, folder_digest)
    with locked(layout.lock(f"dataset-{name}")):
        # Read again: another pipeline may have added a version of its own.
        record = dataset_record(layout, name)
        if digest not in [version["digest"] for version in record["versions"]]:
            made = {"digest": digest, "created": utc_now()}
            write_json(
                record_file(layout, name), {**record, "versions": [*record["versions"], made]}
            )
