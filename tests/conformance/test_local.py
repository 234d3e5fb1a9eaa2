"""The conformance kit on `local`: declaration, planning, building (K0, K1, K2).

Limit: recorded under Pulumi's mock monitor; `tests/contract` and `tests/engine` go on from here.
"""

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS


class TestProvider(kit.ProviderConformance):
    provider = "local"
    docs = DOCS / "local"


class TestPlatform(kit.PlatformConformance):
    provider = "local"


class TestDataset(kit.DatasetConformance):
    provider = "local"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "local"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "local"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "local"
