"""One call of an AWS operation, read off the wire, and the answers to it."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]
Headers = Mapping[str, str]

QUERY = ("query", "ec2")


@dataclass(frozen=True)
class Answer:
    """What goes back on the wire."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=dict[str, str])

    @property
    def is_error(self) -> bool:
        """Whether the operation was refused or failed."""
        return self.status >= 400

    def json(self) -> Any:
        """Return the body of a JSON service's answer."""
        return json.loads(self.body or b"{}")


class CloudError(Exception):
    """An operation that is refused, with the service's own code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Call:
    """An operation with its parameters, by their names in the service's model."""

    service: str
    """As boto3 names it."""
    operation: str
    params: dict[str, Any]
    region: str
    environ: Environ
    body: bytes
    model: OperationModel

    @property
    def answer_members(self) -> Mapping[str, Any]:
        """The shapes of its answer by their names."""
        return output_members(self.model.service_model, self.operation)

    @property
    def protocol(self) -> str:
        """How it is spelt on the wire."""
        return str(self.model.service_model.protocol)

    def header(self, name: str) -> str | None:
        """Return a header of the request."""
        return self.environ.get("HTTP_" + name.upper().replace("-", "_"))

    def to(self, application: Application, params: Mapping[str, Any] | None = None) -> Answer:
        """Return what another application answers to this call, or to one of these parameters."""
        body = self.body if params is None else json.dumps(params).encode()
        environ = {**self.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        chunks, status, headers = run_wsgi_app(application, environ, buffered=True)
        kept = {name: value for name, value in headers if name.lower() != "content-length"}
        return Answer(int(status.split()[0]), b"".join(chunks), kept)


# The services that share a signing name, told apart by their paths.
_SAGEMAKER_PATHS: Mapping[str, str] = {
    "/endpoints": "sagemaker-runtime",
    "/FeatureGroup": "sagemaker-featurestore-runtime",
    "/BatchGetRecord": "sagemaker-featurestore-runtime",
}
_SIGNING: Mapping[str, str] = {
    "eventbridge": "events",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}


def read(environ: Environ) -> Call | None:
    """Read a signed request; `None` for what has no place here, such as an object of S3.

    The request's body is kept for whoever reads it next.
    """
    scope = _scope(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None or scope[1] in {"s3", "s3express"}:
        return None
    region, signed = scope
    service = _service(signed, environ.get("PATH_INFO", "/"))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        found = _operation(service, environ)
    except (UnknownServiceError, OperationNotFoundError):
        found = None  # moto may know it
    environ["wsgi.input"] = io.BytesIO(body)
    if found is None:
        return None
    model, params = found
    return Call(service, str(model.name), params, region, environ, body, model)


def _scope(authorization: str) -> tuple[str, str] | None:
    """Return region and service of `... Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`."""
    _, _, rest = authorization.partition("Credential=")
    parts = rest.split(",")[0].split("/")
    return (parts[2], parts[3]) if len(parts) == 5 else None


def _service(signed: str, path: str) -> str:
    if signed == "sagemaker":
        found = (name for start, name in _SAGEMAKER_PATHS.items() if path.startswith(start))
        return next(found, signed)
    return _SIGNING.get(signed, signed)


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return get_service_model(service)


def output_members(model: Any, operation: str) -> Mapping[str, Any]:
    """Return the shapes of an operation's answer by their names; none where it answers nothing."""
    shape = model.operation_model(operation).output_shape
    return shape.members if shape is not None else {}


def _operation(service: str, environ: Environ) -> tuple[OperationModel, dict[str, Any]] | None:
    target = environ.get("HTTP_X_AMZ_TARGET")
    request = Request(environ)
    if target:
        model = service_model(service).operation_model(target.rpartition(".")[2])
        return model, json.loads(request.get_data() or b"{}")
    action = request.values.get("Action")
    if action:
        model = service_model(service).operation_model(action)
        return model, _parsed(model, request, {})
    try:
        model, labels = get_service_router(service).match(request)
    except (HTTPException, NotImplementedError):
        return None
    return model, _parsed(model, request, labels)


def _parsed(model: OperationModel, request: Request, labels: Mapping[str, Any]) -> dict[str, Any]:
    protocol = str(model.service_model.protocol)
    parser: Any = PROTOCOL_PARSERS[protocol](model)
    found = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.get_data(),
            "url_path": request.path,
            "url_params": labels,
        }
    )
    # A list that the address does not name comes as an empty one.
    return {name: value for name, value in found.items() if value != []}


def result(value: object, protocol: str = "json") -> Answer:
    """Return the answer that holds a result."""
    spell = _iso if protocol == "rest-json" else _epoch
    body = b"" if value is None else json.dumps(value, default=spell).encode()
    return Answer(200, body, {"Content-Type": "application/x-amz-json-1.1"})


def _epoch(value: object) -> float:
    assert isinstance(value, datetime), value
    return round(value.timestamp(), 3)


def _iso(value: object) -> str:
    assert isinstance(value, datetime), value
    return iso(value)


def iso(value: datetime) -> str:
    """Return a time as events and REST services spell it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def refusal(error: CloudError, protocol: str) -> Answer:
    """Return an error in a protocol's own form."""
    if protocol in QUERY:
        return Answer(error.status, _xml(error).encode(), {"Content-Type": "text/xml"})
    told = {"__type": error.code, "message": error.message, "Message": error.message}
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
    return Answer(error.status, json.dumps(told).encode(), headers)


def _xml(error: CloudError) -> str:
    code, message = escape(error.code), escape(error.message)
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse>{inner}<RequestId>test</RequestId></ErrorResponse>"
