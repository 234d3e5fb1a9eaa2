"""Captured traffic, in SageMaker's form and places.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
Limit: each call is a file of its own, stored at once; SageMaker gathers calls for some minutes.
"""

import base64
import json
import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.clouds.aws.hooks import Answer, Invocation

_MODES = {"Input": ("endpointInput", "INPUT"), "Output": ("endpointOutput", "OUTPUT")}


def is_drawn(config: Mapping[str, Any], draw: random.Random) -> bool:
    """Tell whether a call is to be kept."""
    if not config.get("EnableCapture"):
        return False
    return draw.random() * 100 < config["InitialSamplingPercentage"]


def record(config: Mapping[str, Any], invocation: Invocation, answer: Answer) -> bytes:
    """Return the line that tells of a call."""
    sides = {
        "Input": (invocation.headers.get("content-type", ""), invocation.body),
        "Output": (answer.headers.get("content-type", ""), answer.body),
    }
    captured = {
        _MODES[mode][0]: _side(config, _MODES[mode][1], *sides[mode])
        for mode in (option["CaptureMode"] for option in config["CaptureOptions"])
        if mode in sides
    }
    return json.dumps(
        {"captureData": captured, "eventMetadata": _event(invocation), "eventVersion": "0"}
    ).encode()


def _event(invocation: Invocation) -> dict[str, Any]:
    headers = invocation.headers
    told: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if inference := headers.get("x-amzn-sagemaker-inference-id"):
        told["inferenceId"] = inference
    if attributes := headers.get("x-amzn-sagemaker-custom-attributes"):
        told["customAttributes"] = [attributes]
    now = datetime.now(UTC)
    return {**told, "inferenceTime": f"{now:%Y-%m-%dT%H:%M:%SZ}"}


def _side(config: Mapping[str, Any], mode: str, kind: str, body: bytes) -> dict[str, str]:
    encoding = _encoding(config, kind)
    data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    return {"observedContentType": kind, "mode": mode, "data": data, "encoding": encoding}


def _encoding(config: Mapping[str, Any], kind: str) -> str:
    plain = kind.partition(";")[0].strip()
    known = config.get("CaptureContentTypeHeader") or {}
    # Without the header's lists SageMaker takes everything for base64.
    if plain in known.get("CsvContentTypes", []):
        return "CSV"
    return "JSON" if plain in known.get("JsonContentTypes", []) else "BASE64"


def place(config: Mapping[str, Any], endpoint: str, variant: str, now: datetime) -> str:
    """Return the URI of a file of captured traffic."""
    prefix = config["DestinationS3Uri"].rstrip("/")
    name = f"{now:%M-%S}-{now.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
    return f"{prefix}/{endpoint}/{variant}/{now:%Y/%m/%d/%H}/{name}"
