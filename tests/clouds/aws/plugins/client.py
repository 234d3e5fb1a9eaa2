"""Calls of the test cloud by the names of the API's operations."""

import threading
from functools import cache
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.contract.walkers.botocore_api import operation_shape

_GONE_CODES = ("NotFound", "NoSuch", "404", "DoesNotExist")
_GONE_WORDS = ("could not find", "does not exist", "not found")


class Client:
    """The services of one region; safe in threads."""

    def __init__(self, region: str) -> None:
        self.region = region
        self._session = boto3.Session(region_name=region)
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, service: str, operation: str, **members: Any) -> dict[str, Any]:
        """Call an operation (`CreateRole`) and return its answer without the metadata."""
        call = getattr(self._client(service), xform_name(operation))
        answer: dict[str, Any] = call(**members)
        answer.pop("ResponseMetadata", None)
        return answer

    def account(self) -> str:
        """Return the account that the cloud plays."""
        return self("sts", "GetCallerIdentity")["Account"]

    def _client(self, service: str) -> Any:
        # Making a client is not safe in threads, using it is.
        with self._lock:
            if service not in self._made:
                config = Config(s3={"addressing_style": "path"}, max_pool_connections=32)
                self._made[service] = self._session.client(service, config=config)
            return self._made[service]


@cache
def members(service: str, operation: str) -> frozenset[str]:
    """Return the names of what an operation takes."""
    return frozenset(operation_shape(service, operation).members)


def is_missing(error: ClientError) -> bool:
    """Whether a call failed because the thing is not there."""
    told = error.response["Error"]
    code, message = told.get("Code", ""), told.get("Message", "").lower()
    by_words = code in {"ValidationException", "ValidationError"}
    return any(mark in code for mark in _GONE_CODES) or (
        by_words and any(words in message for words in _GONE_WORDS)
    )
