"""What moto's S3 gets wrong for us: conditions of bucket policies, and the last delete marker.

The test cloud speaks plain HTTP where AWS's clients speak TLS, so requests count as TLS 1.3: a
policy that refuses anything less refuses nothing here, as it refuses nothing of boto3's there.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.iam.access_control import IAMPolicy
from moto.s3.models import FakeBucket, FakeDeleteMarker

REQUEST: Mapping[str, str] = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}

_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "Bool": lambda have, wish: have == wish.lower(),
    "NumericLessThan": lambda have, wish: float(have) < float(wish),
    "StringEquals": lambda have, wish: have == wish,
    "StringNotEquals": lambda have, wish: have != wish,
}


def mend() -> None:
    """Let buckets judge a statement only when its conditions hold, and delete their markers.

    moto offers no way to hand in either, so its classes are changed.
    """
    setattr(FakeBucket, "get_permission", _permission)  # noqa: B010
    # The deletion of a key's last version calls it on whatever that is.
    setattr(FakeDeleteMarker, "dispose", _nothing)  # noqa: B010


def _nothing(marker: FakeDeleteMarker) -> None:
    del marker


def _permission(bucket: FakeBucket, action: str, resource: str) -> Any:
    document = json.loads(bucket.policy or b'{"Statement": []}')
    statements = [s for s in document["Statement"] if _holds(s.get("Condition") or {})]
    policy = IAMPolicy(json.dumps({**document, "Statement": statements}))
    return policy.is_action_permitted(action, resource)


def _holds(condition: Mapping[str, Mapping[str, str]]) -> bool:
    return all(
        key in REQUEST and _OPERATORS[operator](REQUEST[key], str(wish))
        for operator, keys in condition.items()
        for key, wish in keys.items()
    )
