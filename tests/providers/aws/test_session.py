"""Clients of AWS for one place: kept, pointed elsewhere, under a role that renews itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from mlops_iac_aws.session import Place, clients, place_of

_ROLE = "arn:aws:iam::123456789012:role/deployer"


class Sts:
    """Assumes roles; the first credentials end soon."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **request: Any) -> Any:
        self.asked.append(request)
        life = timedelta(minutes=1) if len(self.asked) == 1 else timedelta(hours=1)
        return {
            "Credentials": {
                "AccessKeyId": f"KEY{len(self.asked)}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": datetime.now(UTC) + life,
            }
        }


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Sts:
    made, real = Sts(), boto3.Session.client

    def client(self: Any, service: str, **options: Any) -> Any:
        return made if service == "sts" else real(self, service, **options)

    monkeypatch.setattr(boto3.Session, "client", client)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clients.cache_clear()
    return made


def test_a_place_is_read_from_the_providers_configuration() -> None:
    config = {
        "region": "eu-west-1",
        "account": "123456789012",
        "role": _ROLE,
        "endpoints": '{"sagemaker": "http://localhost:1", "s3": "http://localhost:2"}',
    }

    assert place_of(config) == Place(
        region="eu-west-1",
        account="123456789012",
        role=_ROLE,
        endpoints=(("s3", "http://localhost:2"), ("sagemaker", "http://localhost:1")),
    )
    assert place_of({"region": "eu-west-1"}).endpoints == ()


def test_clients_are_made_once_for_a_place_and_go_where_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clients.cache_clear()
    place = Place(region="eu-west-1", endpoints=(("s3", "http://localhost:2"),))

    s3 = clients(place)("s3")

    assert clients(Place(region="eu-west-1", endpoints=place.endpoints))("s3") is s3
    assert s3.meta.endpoint_url == "http://localhost:2"
    assert clients(place)("sagemaker").meta.endpoint_url == (
        "https://api.sagemaker.eu-west-1.amazonaws.com"
    )


def test_a_role_is_assumed_when_a_call_needs_it_and_renewed_in_time(sts: Sts) -> None:
    sagemaker = clients(Place(region="eu-west-1", role=_ROLE))("sagemaker")
    assert sts.asked == []
    credentials = sagemaker._request_signer._credentials

    keys = [credentials.get_frozen_credentials().access_key for _ in range(3)]

    assert keys == ["KEY1", "KEY2", "KEY2"]
    assert {request["RoleArn"] for request in sts.asked} == {_ROLE}
