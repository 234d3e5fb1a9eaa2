"""`python -m mlops_iac_gcp.work track`: MLflow's server on a database that knows no password.

Its user is the process's own identity: each new connection bears a token of access, which ends
within the hour, in the place of a password.
https://cloud.google.com/sql/docs/postgres/iam-logins
"""

import argparse
import os
import ssl
from collections.abc import Sequence
from typing import Any

from mlops_iac_gcp import rest
from mlops_iac_gcp.session import Place, access_token

SOCKETS = "/cloudsql"
"""Where Cloud Run lays the sockets of databases."""
PORT_VARIABLE = "PORT"
"""https://cloud.google.com/run/docs/container-contract"""
_HOSTS = ("*.run.app", "localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*")
"""Names that MLflow answers to; Cloud Run lets nobody through whom IAM does not."""
_LOCK = 7_305_042
"""Number of the lock in the database that one process at a time makes tables under."""
Arguments = argparse.Namespace


def main(arguments: Sequence[str]) -> int:
    """Serve until the process is told to end; return the exit code."""
    import uvicorn

    application = prepared(read(arguments))
    port = int(os.environ.get(PORT_VARIABLE, "8080"))
    uvicorn.run(application, host="0.0.0.0", port=port, server_header=False)  # noqa: S104  a container
    return 0


def read(arguments: Sequence[str]) -> Arguments:
    """Return what the service's container is told."""
    parser = argparse.ArgumentParser(prog="track")
    parser.add_argument("--instance", required=True, help="PROJECT:REGION:INSTANCE")
    parser.add_argument("--database", required=True)
    parser.add_argument("--user", required=True, help="the identity's address, less its last parts")
    parser.add_argument("--artifacts", required=True, help="where runs put their files")
    parser.add_argument("--host", default="", help="address of the database; else its socket")
    parser.add_argument("--port", type=int, default=5432, help="of the database at that address")
    return parser.parse_args(arguments)


def prepared(given: Arguments) -> Any:
    """Return MLflow's application, with the tables that its version wants."""
    # Its job runner is eight more processes, for evaluations that nobody asks for here.
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    os.environ["MLFLOW_SERVER_ALLOWED_HOSTS"] = ",".join(_HOSTS)
    from mlflow.server.constants import ARTIFACT_ROOT_ENV_VAR, BACKEND_STORE_URI_ENV_VAR
    from sqlalchemy import Engine

    os.environ[BACKEND_STORE_URI_ENV_VAR] = address(given)
    os.environ[ARTIFACT_ROOT_ENV_VAR] = given.artifacts
    sign_in(given, Engine)
    _make_tables(address(given))
    from mlflow.server.fastapi_app import app

    return app


def address(given: Arguments) -> str:
    """Return the database's address as SQLAlchemy has it: no password is in it."""
    from sqlalchemy import URL

    user, database = given.user, given.database
    if given.host:
        return str(
            URL.create(
                "postgresql+pg8000",
                username=user,
                host=given.host,
                port=given.port,
                database=database,
            )
        )
    socket = {"unix_sock": f"{SOCKETS}/{given.instance}/.s.PGSQL.5432"}
    return str(URL.create("postgresql+pg8000", username=user, database=database, query=socket))


def sign_in(given: Arguments, engine: Any) -> None:
    """Have every new connection of an engine bear a token of now; of all, by their class."""
    from sqlalchemy import event

    project, region, _ = _parts(given)
    place = Place(project=project, region=region)
    secured = {"ssl_context": _trusting(place, given)} if given.host else {}

    def connect(_dialect: Any, _record: Any, _positional: Any, named: dict[str, Any]) -> None:
        named.update(secured, password=access_token(place))

    event.listen(engine, "do_connect", connect)


def _trusting(place: Place, given: Arguments) -> ssl.SSLContext:
    """Return what trusts the instance's own authority, and nobody else.

    Asked for at each start: authorities are changed. The certificate names the instance, not the
    address by which it is reached.
    """
    project, _, instance = _parts(given)
    named = {"project": project, "instance": instance}
    told = rest.call(place, "sqladmin.v1", "connect.get", named)
    context = ssl.create_default_context(cadata=told["serverCaCert"]["cert"])
    context.check_hostname = False
    return context


def _parts(given: Arguments) -> tuple[str, str, str]:
    # A project of an old domain has a colon of its own.
    project, region, instance = given.instance.rsplit(":", 2)
    return project, region, instance


def _make_tables(database: str) -> None:
    """Make MLflow's tables, or bring those of an older version up to this one's."""
    from mlflow.store.db import utils
    from sqlalchemy import text

    engine = utils.create_sqlalchemy_engine_with_retry(database)
    with engine.connect() as held:
        # Instances start together: the lock goes with the connection.
        held.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        _bring_up(utils, engine)
    engine.dispose()


def _bring_up(utils: Any, engine: Any) -> None:
    """Do what `mlflow db upgrade` calls, in a process whose connections bear a token."""
    if utils._is_empty_database(engine):  # noqa: SLF001
        utils._initialize_tables(engine)  # noqa: SLF001
    else:
        utils._upgrade_db(engine)  # noqa: SLF001
