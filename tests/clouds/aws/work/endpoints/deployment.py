"""A deployment in service: a server for each variant, and what calling it does besides."""

import json
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.clouds.aws.hooks import Answer, Invocation, Run
from tests.clouds.aws.work import objects
from tests.clouds.aws.work.endpoints import capture
from tests.clouds.aws.work.endpoints.models import container_of, served
from tests.clouds.aws.work.endpoints.server import START_SECONDS, GoneError, ModelServer
from tests.clouds.aws.work.logs import LogStream
from tests.clouds.aws.work.numbers import datum, put_metrics

_JSON = {"content-type": "application/json"}
_PASSED = ("content-type", "accept", "x-amzn-sagemaker-custom-attributes")
_INFERENCE_ID = "x-amzn-sagemaker-inference-id"


@dataclass
class Deployment:
    """The servers of one configuration. Limit: one server for a variant, whatever its count."""

    run: Run
    root: Path
    servers: dict[str, ModelServer] = field(default_factory=dict[str, ModelServer])
    draw: random.Random = field(default_factory=lambda: random.Random(0))

    @property
    def config(self) -> Mapping[str, Any]:
        """The endpoint's configuration."""
        return self.run.request["EndpointConfig"]

    def start(self) -> None:
        """Start every variant's server and wait until all answer.

        Raises:
            JobError: one does not come up; none is left then.
        """
        shadows = self.config.get("ShadowProductionVariants") or []
        every = [*self.config["ProductionVariants"], *shadows]
        # Machines without a model wait for inference components, each a deployment of its own.
        variants = [each for each in every if "ModelName" in each]
        try:
            for variant in variants:
                self.servers[variant["VariantName"]] = self._server(variant)
            for variant in variants:
                self.servers[variant["VariantName"]].wait(self.run.stopping, _patience(variant))
        except BaseException:
            self.stop()
            raise

    def _server(self, variant: Mapping[str, Any]) -> ModelServer:
        model = served(
            self.run.request["Models"][variant["ModelName"]], self.run.client("sagemaker")
        )
        name = variant["VariantName"]
        root = self.root / name
        root.mkdir()
        container = container_of(self.run, root, model, {})
        component = self.run.request.get("InferenceComponentName")
        folder = "InferenceComponents" if component else "Endpoints"
        group = f"/aws/sagemaker/{folder}/{component or self.run.request['EndpointName']}"
        stream = f"{name}/i-{uuid.uuid4().hex[:17]}"
        return ModelServer.start(container, LogStream(self.run.client("logs"), group, stream))

    def stop(self) -> None:
        """End every server."""
        for server in self.servers.values():
            server.stop()
        self.servers.clear()

    def invoke(self, invocation: Invocation) -> Answer:
        """Answer a call."""
        if invocation.is_async:
            return self._later(invocation)
        answer = self._now(invocation)
        self._copy(invocation)
        if answer.status >= 400:
            return _model_error(answer)
        return Answer(answer.status, answer.body, _passed_back(answer))

    def _copy(self, invocation: Invocation) -> None:
        """Ask the shadow too, for its share; nobody hears its answer. Limit: before we answer."""
        for shadow in self.config.get("ShadowProductionVariants") or []:
            (main,) = self.config["ProductionVariants"]
            share = _weight(shadow) / _weight(main)
            if self.draw.random() < share:
                self._now(replace(invocation, variant=shadow["VariantName"]))

    def _now(self, invocation: Invocation) -> Answer:
        """Ask the container; keep the call, and count it."""
        headers = {name: invocation.headers[name] for name in _PASSED if name in invocation.headers}
        if inference := invocation.headers.get(_INFERENCE_ID):
            headers[_INFERENCE_ID] = inference
        try:
            server = self.servers[invocation.variant]
            answer = server.call("POST", "/invocations", invocation.body, headers)
        except GoneError:
            answer = Answer(500, b'{"error": "the container does not answer"}', _JSON)
        self._count(invocation, answer)
        if answer.status < 400:
            self._keep(invocation, answer)
        return answer

    def _keep(self, invocation: Invocation, answer: Answer) -> None:
        config = self.config.get("DataCaptureConfig") or {}
        if capture.is_drawn(config, self.draw):
            now = datetime.now(UTC)
            uri = capture.place(config, invocation.endpoint, invocation.variant, now)
            content = objects.joined([capture.record(config, invocation, answer)])
            objects.write(self.run.client("s3"), uri, content)

    def _count(self, invocation: Invocation, answer: Answer) -> None:
        names = {"EndpointName": invocation.endpoint, "VariantName": invocation.variant}
        values = {
            "Invocations": 1.0,
            "Invocation4XXErrors": float(400 <= answer.status < 500),
            "Invocation5XXErrors": float(answer.status >= 500),
        }
        data = [datum(name, value, names) for name, value in values.items()]
        put_metrics(self.run.client("cloudwatch"), "AWS/SageMaker", data)

    def _later(self, invocation: Invocation) -> Answer:
        """Take an asynchronous call: its answer goes to S3."""
        output = self.config["AsyncInferenceConfig"]["OutputConfig"]
        name = str(uuid.uuid4())
        answers = f"{output['S3OutputPath'].rstrip('/')}/{name}.out"
        failures = f"{output.get('S3FailurePath', output['S3OutputPath']).rstrip('/')}/{name}.out"
        working = threading.Thread(
            target=self._answer_later, args=(invocation, answers, failures), daemon=True
        )
        working.start()
        inference = invocation.headers.get(_INFERENCE_ID) or name
        places = {
            "X-Amzn-SageMaker-OutputLocation": answers,
            "X-Amzn-SageMaker-FailureLocation": failures,
        }
        return Answer(202, json.dumps({"InferenceId": inference}).encode(), {**_JSON, **places})

    def _answer_later(self, invocation: Invocation, answers: str, failures: str) -> None:
        s3 = self.run.client("s3")
        body = objects.read(s3, invocation.headers["x-amzn-sagemaker-inputlocation"])
        whole = Invocation(
            endpoint=invocation.endpoint,
            region=invocation.region,
            variant=invocation.variant,
            body=body,
            headers=invocation.headers,
        )
        answer = self._now(whole)
        objects.write(s3, answers if answer.status < 400 else failures, answer.body)


def _passed_back(answer: Answer) -> dict[str, str]:
    kept = {"content-type", "x-amzn-sagemaker-custom-attributes"}
    return {name: value for name, value in answer.headers.items() if name in kept}


def _weight(variant: Mapping[str, Any]) -> float:
    return float(variant.get("InitialVariantWeight", 1.0))


def _patience(variant: Mapping[str, Any]) -> float:
    declared = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", START_SECONDS)
    return min(float(declared), START_SECONDS)


def _model_error(answer: Answer) -> Answer:
    """Return a container's error in the words of InvokeEndpoint."""
    side = "server" if answer.status >= 500 else "client"
    text = answer.body.decode(errors="replace")
    document = {
        "Code": "ModelError",
        "Message": f'Received {side} error ({answer.status}) from primary with message "{text}".',
        "OriginalMessage": text,
        "OriginalStatusCode": answer.status,
        "LogStreamArn": "",
    }
    headers = {**_JSON, "x-amzn-ErrorType": "ModelError"}
    return Answer(424, json.dumps(document).encode(), headers)
