"""The conformance kit on `aws`: declaration, planning, building (K0, K1, K2).

Limit: recorded under Pulumi's mock monitor; `tests/contract` and `tests/engine` go on from here.
"""

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS


class TestProvider(kit.ProviderConformance):
    provider = "aws"
    docs = DOCS / "aws"


class TestPlatform(kit.PlatformConformance):
    provider = "aws"


class TestDataset(kit.DatasetConformance):
    provider = "aws"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "aws"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "aws"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "aws"
