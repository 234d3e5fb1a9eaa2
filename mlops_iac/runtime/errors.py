"""What the runtime refuses, and how it says so."""

from mlops_iac.errors import MlopsError


class RuntimeSettingError(MlopsError):
    """A setting that the platform or the supervisor gave is missing or wrong."""

    code = "runtime.setting"
    exit_code = 2


class ModelRefusedError(MlopsError):
    """A model is not what was asked for, or not of a kind that is safe to load."""

    code = "runtime.model_refused"


class PayloadError(MlopsError):
    """A request's body cannot be turned into rows of the model's inputs."""

    code = "runtime.payload"


class TrainingError(MlopsError):
    """The user's script failed, or did not leave what its job promises."""

    code = "runtime.training"


class DataError(MlopsError):
    """The data is not of the format, or has not the columns, that are declared of it."""

    code = "runtime.data"


class SecretError(MlopsError):
    """A secret that the workload was given by reference cannot be read."""

    code = "runtime.secret"


class PolicyError(MlopsError):
    """A document of a retraining policy is not one, or its rules cannot be followed."""

    code = "runtime.policy"
