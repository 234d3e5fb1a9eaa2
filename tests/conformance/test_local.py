"""The conformance kit on `local`: declaration, planning, building (K0, K1, K2), engine (K5).

Limit: K0 to K2 are recorded under Pulumi's mock monitor; what works is shown by K5 and
`tests/engine`.
"""

from pathlib import Path

import pytest

from mlops_iac.testing import conformance as kit
from tests.conformance.settings import DOCS, LOST

UNKNOWN_UNTIL_RUN = {
    "FeatureGroup.data.output": kit.Deviation(
        reason="which output it is shows in an address that is unknown until the job has run",
        tests=(LOST,),
    )
}


class TestProvider(kit.ProviderConformance):
    provider = "local"
    docs = DOCS / "local"


class TestPlatform(kit.PlatformConformance):
    provider = "local"


class TestDataset(kit.DatasetConformance):
    provider = "local"


class TestProcessingJob(kit.ProcessingJobConformance):
    provider = "local"


class TestDataValidation(kit.DataValidationConformance):
    provider = "local"


class TestFeatureGroup(kit.FeatureGroupConformance):
    provider = "local"
    deviations = UNKNOWN_UNTIL_RUN


class TestExperimentTracker(kit.ExperimentTrackerConformance):
    provider = "local"


class TestTrainingJob(kit.TrainingJobConformance):
    provider = "local"


class TestHyperparameterSearch(kit.HyperparameterSearchConformance):
    provider = "local"


class TestRegisteredModel(kit.RegisteredModelConformance):
    provider = "local"


class TestPipeline(kit.PipelineConformance):
    provider = "local"


class TestModelEndpoint(kit.ModelEndpointConformance):
    provider = "local"


class TestBatchInference(kit.BatchInferenceConformance):
    provider = "local"


class TestModelMonitor(kit.ModelMonitorConformance):
    provider = "local"


class TestRetrainingPolicy(kit.RetrainingPolicyConformance):
    provider = "local"


class TestEngine(kit.EngineConformance):
    provider = "local"
    marks = (pytest.mark.engine, pytest.mark.slow)
    rest = (pytest.mark.deep,)

    @pytest.fixture(autouse=True)
    def secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The secret that scenarios name lies where this machine keeps secrets."""
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        file = tmp_path / "config" / "mlops-iac" / "secrets" / "kit-password"
        file.parent.mkdir(parents=True, mode=0o700)
        file.write_text("a word")
        file.chmod(0o600)
