"""A table of BigQuery loaded with the rows of one version, all at once."""

from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.session import Place, bigquery


class LoadError(GcpError):
    """BigQuery does not take the rows."""

    code = "gcp.load"


def load(where: Place, table: str, source: str, job: str) -> None:
    """Let a table hold the rows of a Parquet file and no others; its schema stays.

    Args:
        where: project and region of the table.
        table: `project.dataset.table`.
        source: URI of the file.
        job: id of the load; a load of that id which is there already is awaited instead.

    Raises:
        LoadError: the rows are not what the table holds; it has its rows of before.
    """
    from google.api_core.exceptions import BadRequest, Conflict
    from google.cloud.bigquery import CreateDisposition, LoadJobConfig, SourceFormat

    client = bigquery(where)
    config = LoadJobConfig(
        source_format=SourceFormat.PARQUET,
        # Keeps types, descriptions and partitions of the table; discovery bigquery.v2.
        write_disposition="WRITE_TRUNCATE_DATA",
        create_disposition=CreateDisposition.CREATE_NEVER,
    )
    with told(f"loading `{table}`"):
        try:
            started = client.load_table_from_uri(source, table, job_id=job, job_config=config)
        except Conflict:
            started = client.get_job(job)
        try:
            started.result()
        except BadRequest as error:
            raise LoadError(
                f"`{table}` does not take the rows: {error.message}",
                remedy="run `mlops-iac up`: the table and what is loaded go together",
            ) from error
