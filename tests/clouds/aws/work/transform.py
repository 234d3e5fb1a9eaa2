"""Batch transform jobs: the model server, and the records of each object sent to it.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
Limits: one instance, one request at a time; records are lines; no compression.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.clouds.aws.hooks import Run, RunState
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.association import filtered, joined_with
from tests.clouds.aws.work.endpoints.models import container_of, served
from tests.clouds.aws.work.endpoints.server import GoneError, ModelServer
from tests.clouds.aws.work.failures import JobError, no_objects
from tests.clouds.aws.work.logs import LogStream

LOG_GROUP = "/aws/sagemaker/TransformJobs"
_MEBIBYTE = 1 << 20
_DEFAULT_MEBIBYTES = 6


def transform(run: Run) -> None:
    """Do a transform job to its end."""
    request = run.request
    sagemaker = run.client("sagemaker")
    described = sagemaker.describe_model(ModelName=request["ModelName"])
    model = served(described, sagemaker)
    container = container_of(run, run.root, model, _environment(request))
    stream = LogStream(run.client("logs"), LOG_GROUP, f"{run.name}/i-0")
    server = ModelServer.start(container, stream)
    try:
        server.wait(run.stopping)
        for uri, name in _objects(run):
            _transform(run, server, uri, name)
            if run.stopping.is_set():
                run.finish(RunState.STOPPED)
                return
    finally:
        server.stop()
    run.finish(RunState.SUCCEEDED)


def _environment(request: Mapping[str, Any]) -> dict[str, str]:
    told = {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(request.get("MaxPayloadInMB", _DEFAULT_MEBIBYTES)),
        "SAGEMAKER_BATCH_STRATEGY": request.get("BatchStrategy", "MultiRecord"),
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(request.get("MaxConcurrentTransforms", 1)),
    }
    return {**told, **(request.get("Environment") or {})}


def _objects(run: Run) -> Iterator[tuple[str, str]]:
    """Yield each object to answer, and its name below the prefix."""
    source = run.request["TransformInput"]["DataSource"]["S3DataSource"]
    bucket, prefix = objects.parts(source["S3Uri"])
    keys = [key for key in objects.keys(run.client("s3"), source["S3Uri"]) if key[-1] != "/"]
    if source["S3DataType"] != "S3Prefix" or not keys:
        raise no_objects(source["S3Uri"], run.region, "")
    for key in keys:
        yield f"s3://{bucket}/{key}", objects.relative(key, prefix)


def _transform(run: Run, server: ModelServer, uri: str, name: str) -> None:
    given, place = run.request["TransformInput"], run.request["TransformOutput"]
    processing = run.request.get("DataProcessing") or {}
    content = objects.read(run.client("s3"), uri)
    kind = given.get("ContentType", "application/json")
    headers = {"content-type": kind, "accept": place.get("Accept", kind)}
    records = _records(content, given.get("SplitType", "None"))
    answers: list[bytes] = []
    for batch in _batches(run.request, records):
        sent = [filtered(record, processing.get("InputFilter", "$"), kind) for record in batch]
        answer = _answer(server, sent[0] if len(sent) == 1 else objects.joined(sent), headers)
        answers += [*objects.lines(answer)] if _is_split(place) else [answer]
    if processing.get("JoinSource") == "Input":
        answers = joined_with(records, answers, kind)
    wanted = processing.get("OutputFilter", "$")
    answers = [filtered(answer, wanted, kind) for answer in answers]
    stored = objects.joined(answers) if _is_split(place) else b"".join(answers)
    objects.write(run.client("s3"), f"{place['S3OutputPath'].rstrip('/')}/{name}.out", stored)


def _is_split(place: Mapping[str, Any]) -> bool:
    return place.get("AssembleWith", "None") == "Line"


def _records(content: bytes, split: str) -> list[bytes]:
    if split == "None":
        return [content]
    if split != "Line":
        raise JobError(f"the test cloud splits by lines only, not by `{split}`")
    return [*objects.lines(content)]


def _batches(request: Mapping[str, Any], records: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Yield the records of each request, as many as fit."""
    limit = request.get("MaxPayloadInMB", _DEFAULT_MEBIBYTES) * _MEBIBYTE
    single = request.get("BatchStrategy", "MultiRecord") == "SingleRecord"
    batch: list[bytes] = []
    for record in records:
        if len(record) > limit:
            raise JobError("ClientError: a record is larger than MaxPayloadInMB")
        if batch and (single or sum(map(len, batch)) + len(batch) + len(record) > limit):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch


def _answer(server: ModelServer, body: bytes, headers: Mapping[str, str]) -> bytes:
    try:
        answer = server.call("POST", "/invocations", body, headers)
    except GoneError as error:
        raise JobError(f"InternalServerError: the model does not answer: {error}") from error
    if answer.status >= 400:
        text = answer.body.decode(errors="replace")
        raise JobError(f"ClientError: {answer.status}: {text[:500]}. See job logs")
    return answer.body
