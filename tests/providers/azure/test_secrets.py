"""A secret by reference: read at start, under the workload's managed identity.

The vault and the identity's tokens are the test cloud's; the reader is the runtime's own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlops_iac_azure import lro, rest, session
from mlops_iac_azure.session import Place
from mlops_iac_azure.workload import SECRET_SCHEME, environment_problems, variables

from mlops_iac.container_contract import SECRET
from mlops_iac.runtime.errors import SecretError
from mlops_iac.runtime.secrets import resolve
from mlops_iac.specs import SecretRef
from tests.clouds.azure.running import Cloud
from tests.providers.azure.harness import planned
from tests.providers.azure.world import VAULT, azure, call_on, ground, point, vault

_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with azure() as running:
        yield running


@pytest.fixture
def where(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> Place:
    here.reset()
    point(here, monkeypatch)
    place = ground(call_on(here))
    vault(place)
    address = f"{place.address('vault', VAULT)}/secrets/token"
    rest.call(place, "PUT", address, {"value": "s3cret"}, service="vault", api_version="7.4")
    return place


def reference(place: Place, name: str = "token") -> dict[str, str]:
    address = f"{place.address('vault', VAULT)}/secrets/{name}"
    return {f"{SECRET}TOKEN": f"{SECRET_SCHEME}:{address}"}


def test_a_workload_reads_its_secret_as_its_identity(
    here: Cloud, where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = where.id(_IDENTITY, "training")
    made = lro.run(where, "PUT", path, {"location": where.region})
    for name, value in here.environment_of(path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AZURE_CLIENT_ID", made["properties"]["clientId"])
    session.forget()

    assert resolve(reference(where)) == {"TOKEN": "s3cret"}


def test_a_secret_that_is_not_there_is_named_and_no_value_is_told(where: Place) -> None:
    with pytest.raises(SecretError, match="`TOKEN`") as raised:
        resolve(reference(where, "other"))

    assert "s3cret" not in str(raised.value)


def test_a_variable_holds_the_address_of_a_secret(where: Place, tmp_path: Path) -> None:
    del where
    scope = planned((), tmp_path).scopes["platform"]
    told = variables({"MODE": "full", "TOKEN": SecretRef(secret="token")}, scope)

    assert told["MODE"] == "full"
    scheme, _, address = told[f"{SECRET}TOKEN"].partition(":")
    assert scheme == SECRET_SCHEME
    assert address.endswith("/secrets/token")


@pytest.mark.parametrize("name", ["AZUREML_X", "MSI_SECRET", "MLOPS_X"])
def test_variables_of_the_platform_are_refused(name: str) -> None:
    (problem,) = environment_problems("delay", {name: "1"})

    assert problem.code == "environment.reserved"
