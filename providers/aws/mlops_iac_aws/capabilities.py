"""What SageMaker carries of a declaration."""

from mlops_iac.provider import Capability, CapabilityTable, Level, Support, total_table

NATIVE = Support(Level.NATIVE)


_LATER = Support(
    Level.NOT_IMPLEMENTED,
    "SageMaker can, this adapter does not make it yet; leave it out of this environment "
    "(`NAME: null` in its overlay), or run it on `local`",
)


def _emulated(note: str) -> Support:
    return Support(Level.EMULATED, note)


_MONITOR = _emulated(
    "Model Monitor starts the check and tells its result; the runtime judges, in its container. "
    "AWS opens Model Monitor to no new customers since 30 July 2026: an account that has not "
    "used it before cannot create its schedules"
)

CAPABILITIES: CapabilityTable = total_table(
    "aws",
    {
        Capability.PLATFORM_REGION: NATIVE,
        Capability.PLATFORM_ACCOUNT: NATIVE,
        Capability.PLATFORM_ROLE: NATIVE,
        Capability.PLATFORM_EXISTING_NETWORK: NATIVE,
        Capability.PLATFORM_OWN_NETWORK: NATIVE,
        Capability.PLATFORM_CUSTOMER_KEY: NATIVE,
        Capability.PLATFORM_EXISTING_KEY: NATIVE,
        Capability.PLATFORM_TAGS: NATIVE,
        Capability.PLATFORM_RUNTIME_IMAGE: NATIVE,
        Capability.DATASET_FILES: NATIVE,
        Capability.DATASET_URI: NATIVE,
        Capability.DATASET_COLUMNS: _emulated(
            "SageMaker has no data contract: the columns travel beside the data, and the runtime "
            "checks them before the script starts"
        ),
        Capability.TRAINING_SCRIPT: NATIVE,
        Capability.TRAINING_IMAGE: NATIVE,
        Capability.TRAINING_ACCELERATOR: NATIVE,
        Capability.TRAINING_INSTANCES: NATIVE,
        Capability.TRAINING_SPOT: NATIVE,
        Capability.TRAINING_SECRETS: _emulated(
            "the container is given the secret's name, and the runtime reads it from Secrets "
            "Manager at start under the training role; such a job is not isolated from the network"
        ),
        Capability.TRAINING_ON_CHANGE: _emulated(
            "a run is a custom resource that starts the SageMaker pipeline with the run's key as "
            "its token"
        ),
        Capability.TRAINING_WAIT_FINISHED: _emulated(
            "`up` polls the pipeline's execution until it has ended"
        ),
        Capability.TRAINING_WAIT_SUBMITTED: NATIVE,
        Capability.MODEL_APPROVAL: NATIVE,
        Capability.MODEL_CARD: NATIVE,
        Capability.MODEL_PICKLE: _emulated(
            "a variable of the server, for models whose packages this stack registered"
        ),
        Capability.ENDPOINT_PINNED: NATIVE,
        Capability.ENDPOINT_ALIAS: _emulated(
            "SageMaker has no aliases: the stage in a model package's life cycle is the alias"
        ),
        Capability.ENDPOINT_REPLICAS: NATIVE,
        Capability.ENDPOINT_AUTOSCALING: NATIVE,
        Capability.ENDPOINT_SCALE_TO_ZERO: NATIVE,
        Capability.ENDPOINT_SERVERLESS: NATIVE,
        Capability.ENDPOINT_ASYNC: NATIVE,
        Capability.ENDPOINT_ACCELERATOR: NATIVE,
        Capability.ENDPOINT_CANARY: NATIVE,
        Capability.ENDPOINT_LINEAR: NATIVE,
        Capability.ENDPOINT_SPLIT: NATIVE,
        Capability.ENDPOINT_SHADOW: NATIVE,
        Capability.ENDPOINT_CAPTURE: NATIVE,
        Capability.ENDPOINT_IDENTITY_AUTH: NATIVE,
        Capability.ENDPOINT_KEY_AUTH: Support(
            Level.NOT_AVAILABLE,
            "SageMaker endpoints take requests signed by an IAM identity only; use "
            "`authentication: identity`",
            "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        ),
        Capability.ENDPOINT_SECRETS: _emulated(
            "the container is given the secret's name, and the runtime reads it from Secrets "
            "Manager at start under the serving role; such a model is not isolated from the network"
        ),
        Capability.ENDPOINT_TIMEOUT: _emulated(
            "the server ends a request that takes longer; SageMaker's own limit stays: 60 s, 1 h "
            "for `async`"
        ),
        Capability.DATA_FROM_JOB: _emulated(
            "an output lies under the key of the run that makes it; a pipeline's steps read what "
            "the same execution made"
        ),
        Capability.VALIDATION: _emulated(
            "SageMaker's own check takes no declared contract: a processing job runs the runtime's "
            "check, and what reads the data waits for it"
        ),
        Capability.PROCESSING_SCRIPT: NATIVE,
        Capability.PROCESSING_IMAGE: NATIVE,
        Capability.PROCESSING_ACCELERATOR: NATIVE,
        Capability.PROCESSING_INSTANCES: NATIVE,
        Capability.PROCESSING_SPOT: Support(
            Level.NOT_AVAILABLE,
            "SageMaker has interruptible machines for training only; leave out `spot`",
            "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html",
        ),
        Capability.PROCESSING_SECRETS: _emulated(
            "the container is given the secret's name, and the runtime reads it from Secrets "
            "Manager at start under the training role; such a job is not isolated from the network"
        ),
        Capability.FEATURES_OFFLINE: NATIVE,
        Capability.FEATURES_ONLINE: NATIVE,
        Capability.FEATURES_TTL: NATIVE,
        Capability.TRACKER_EXPERIMENT: _emulated(
            "an experiment is made and described by its first run, and never deleted: its runs "
            "are history"
        ),
        Capability.TRACKER_SERVER: NATIVE,
        Capability.TRAINING_FEATURES: _emulated(
            "a processing step before the training joins the groups' histories, with the join of "
            "the `local` target: SageMaker has none that a pipeline could run without a query"
        ),
        Capability.TRAINING_EXPERIMENT: _emulated(
            "the run finds its experiment by name in MLflow; such a job is not isolated from the "
            "network"
        ),
        Capability.SEARCH_BAYESIAN: _emulated(
            "SageMaker chooses the first trial by itself; the job's own values hold where none is "
            "searched"
        ),
        Capability.SEARCH_RANDOM: _emulated(
            "SageMaker chooses the first trial by itself; the job's own values hold where none is "
            "searched"
        ),
        Capability.SEARCH_GRID: _emulated(
            "SageMaker's grid has values only: whole numbers are written out, and every point is "
            "tried"
        ),
        Capability.SEARCH_PARALLEL: NATIVE,
        Capability.PIPELINE_STEPS: NATIVE,
        Capability.PIPELINE_GATES: _emulated(
            "a processing step scores candidate and champion on the same rows, and a condition "
            "reads its verdict; a refused candidate ends the run well, without a version"
        ),
        Capability.SCHEDULE_CRON: NATIVE,
        Capability.SCHEDULE_EVERY: NATIVE,
        Capability.BATCH: _emulated(
            "a processing job answers with the server's own code; SageMaker's batch transform "
            "knows neither columns nor parquet"
        ),
        Capability.BATCH_ACCELERATOR: NATIVE,
        Capability.BATCH_SECRETS: _emulated(
            "the container is given the secret's name, and the runtime reads it from Secrets "
            "Manager at start under the training role; such a job is not isolated from the network"
        ),
        Capability.MONITOR_DATA_QUALITY: _MONITOR,
        Capability.MONITOR_DATA_DRIFT: _MONITOR,
        Capability.MONITOR_PREDICTION_DRIFT: _MONITOR,
        Capability.MONITOR_MODEL_QUALITY: _emulated(
            "Model Monitor merges the truth that has come within a day; the runtime judges it in "
            "its container"
        ),
        Capability.RETRAINING: _emulated(
            "EventBridge starts a SageMaker pipeline of one step, which looks, decides and acts; "
            "no Lambda"
        ),
        Capability.RETRAINING_AUTOMATIC: _emulated(
            "the executor approves in the policy's name, moves the alias and deploys"
        ),
        Capability.RETRAINING_BUDGET: _emulated(
            "billable seconds of the run's jobs are counted at each look, every 15 minutes at least"
        ),
    },
)
