"""What Azure Machine Learning does of what a declaration can ask for."""

from mlops_iac.provider import Capability, Level, Support, total_table

_C = Capability
_NATIVE = Support(Level.NATIVE)


def _emulated(note: str) -> Support:
    return Support(Level.EMULATED, note)


_ENDPOINTS = "https://learn.microsoft.com/azure/machine-learning/concept-endpoints"

_JUDGED = "the runtime's check, as on every target, on what the endpoint's data collector captures"
_TRUTH = f"{_JUDGED}; truth comes by `mlops-iac truth`, at most a day after its prediction"

CAPABILITIES = total_table(
    "azure",
    {
        _C.PLATFORM_REGION: _NATIVE,
        _C.PLATFORM_ACCOUNT: _NATIVE,
        _C.PLATFORM_ROLE: _NATIVE,
        _C.PLATFORM_EXISTING_NETWORK: _emulated(
            "jobs run in the first subnet; managed endpoints run in Azure's own network and are "
            "reached only through private endpoints in the last subnet"
        ),
        _C.PLATFORM_OWN_NETWORK: _NATIVE,
        _C.PLATFORM_CUSTOMER_KEY: _NATIVE,
        _C.PLATFORM_EXISTING_KEY: _NATIVE,
        _C.PLATFORM_TAGS: _NATIVE,
        _C.PLATFORM_RUNTIME_IMAGE: _NATIVE,
        _C.DATASET_FILES: _NATIVE,
        _C.DATASET_URI: _NATIVE,
        _C.DATASET_COLUMNS: _emulated(
            "columns and types are properties of the data version; the runtime checks them when a "
            "job starts"
        ),
        _C.TRAINING_SCRIPT: _NATIVE,
        _C.TRAINING_IMAGE: _NATIVE,
        _C.TRAINING_ACCELERATOR: _NATIVE,
        _C.TRAINING_INSTANCES: _NATIVE,
        _C.TRAINING_SPOT: _emulated(
            "a cluster of low priority; Azure ML starts an interrupted step again, which resumes "
            "from its checkpoint; the step keeps the longest wait"
        ),
        _C.TRAINING_SECRETS: _emulated(
            "the job is given the secret's address; the runtime reads Key Vault at start under the "
            "training identity"
        ),
        _C.TRAINING_ON_CHANGE: _emulated(
            "our own resource, keyed by code, data, parameters and environment, submits the job"
        ),
        _C.TRAINING_WAIT_FINISHED: _NATIVE,
        _C.TRAINING_WAIT_SUBMITTED: _NATIVE,
        _C.MODEL_APPROVAL: _emulated(
            "a version's `stage` is `Pending` until `mlops-iac approve` makes it `Approved`, who "
            "decided and why lies beside it in the store; our verbs and resources deploy no other"
        ),
        _C.MODEL_CARD: _emulated(
            "a JSON record in the store, `models/NAME/model.json`: Azure ML has no model card"
        ),
        _C.MODEL_PICKLE: _emulated("handed to the model server, which loads by digest"),
        _C.ENDPOINT_PINNED: _NATIVE,
        _C.ENDPOINT_ALIAS: _emulated(
            "Azure ML has no aliases: a version's tag `mlops-iac.aliases` lists its own"
        ),
        _C.ENDPOINT_REPLICAS: _NATIVE,
        _C.ENDPOINT_AUTOSCALING: _NATIVE,
        _C.ENDPOINT_SCALE_TO_ZERO: _emulated(
            "a container app, since a managed deployment keeps one instance: the first request "
            "after a pause waits, no accelerator, no capture, callers bear a token of Key Vault"
        ),
        _C.ENDPOINT_SERVERLESS: _emulated(
            "a container app, since Azure ML's serverless endpoints serve catalog models only: no "
            "capture, callers bear a token of Key Vault"
        ),
        _C.ENDPOINT_ASYNC: Support(
            Level.NOT_AVAILABLE,
            "managed online endpoints answer at once; declare a `BatchInference`, or run this "
            "endpoint on `aws` or `gcp`",
            _ENDPOINTS,
        ),
        _C.ENDPOINT_ACCELERATOR: _NATIVE,
        _C.ENDPOINT_CANARY: _emulated(
            "a second deployment takes its share of the traffic map; the deployment's own resource "
            "waits, judges and moves the rest"
        ),
        _C.ENDPOINT_LINEAR: _emulated(
            "the deployment's own resource moves the traffic map step by step"
        ),
        _C.ENDPOINT_SPLIT: _NATIVE,
        _C.ENDPOINT_SHADOW: _emulated(
            "the endpoint's `mirrorTraffic` copies up to half of the requests; more is refused"
        ),
        _C.ENDPOINT_CAPTURE: _NATIVE,
        _C.ENDPOINT_IDENTITY_AUTH: _NATIVE,
        _C.ENDPOINT_KEY_AUTH: _NATIVE,
        _C.ENDPOINT_SECRETS: _emulated(
            "the server is given the secret's address; the runtime reads Key Vault at start under "
            "the serving identity"
        ),
        _C.ENDPOINT_TIMEOUT: _NATIVE,
        _C.DATA_FROM_JOB: _NATIVE,
        _C.VALIDATION: _emulated(
            "a step runs the runtime's check; what does not hold fails the run"
        ),
        _C.PROCESSING_SCRIPT: _NATIVE,
        _C.PROCESSING_IMAGE: _emulated(
            "the image is started by its program `process`: Azure ML starts nothing by itself; a "
            "second step keeps what it leaves"
        ),
        _C.PROCESSING_ACCELERATOR: _NATIVE,
        _C.PROCESSING_INSTANCES: _NATIVE,
        _C.PROCESSING_SPOT: _NATIVE,
        _C.PROCESSING_SECRETS: _emulated(
            "the job is given the secret's address; the runtime reads Key Vault at start under the "
            "training identity"
        ),
        _C.FEATURES_OFFLINE: _emulated(
            "a Parquet file in the store and a version of a data asset for each filling; Azure "
            "ML's feature store materialises with Spark alone"
        ),
        _C.FEATURES_ONLINE: _emulated(
            "the newest rows in a table of Table Storage, put by the filling"
        ),
        _C.FEATURES_TTL: _emulated(
            "whoever reads judges the age: a value is served with its time; Table Storage forgets "
            "none"
        ),
        _C.TRACKER_EXPERIMENT: _NATIVE,
        _C.TRACKER_SERVER: _emulated(
            "the workspace is an MLflow server with pages, which Azure runs: `url` is its address, "
            "and `size` is Azure's matter"
        ),
        _C.TRAINING_FEATURES: _emulated(
            "a step before the training joins the features as they were known, as on every target"
        ),
        _C.TRAINING_EXPERIMENT: _emulated(
            "runs are jobs of the experiment; a training's metrics and parameters are written into "
            "its run when it has ended"
        ),
        _C.SEARCH_BAYESIAN: _NATIVE,
        _C.SEARCH_RANDOM: _NATIVE,
        _C.SEARCH_GRID: _NATIVE,
        _C.SEARCH_PARALLEL: _NATIVE,
        _C.PIPELINE_STEPS: _NATIVE,
        _C.PIPELINE_GATES: _emulated(
            "a step judges; Azure ML has no conditions, so steps behind it read the verdict and "
            "end at once when it is no"
        ),
        _C.SCHEDULE_CRON: _NATIVE,
        _C.SCHEDULE_EVERY: _NATIVE,
        _C.BATCH: _emulated(
            "a step answers for every row as the server does; a batch endpoint is its address for "
            "other programs"
        ),
        _C.BATCH_ACCELERATOR: _NATIVE,
        _C.BATCH_SECRETS: _emulated(
            "the job is given the secret's address; the runtime reads Key Vault at start under the "
            "training identity"
        ),
        _C.MONITOR_DATA_QUALITY: _emulated(_JUDGED),
        _C.MONITOR_DATA_DRIFT: _emulated(_JUDGED),
        _C.MONITOR_PREDICTION_DRIFT: _emulated(_JUDGED),
        _C.MONITOR_MODEL_QUALITY: _emulated(_TRUTH),
        _C.RETRAINING: _emulated(
            "a job of one step, woken by Event Grid through a Logic App, and by a schedule; its "
            "memory lies in the store, written by ETag"
        ),
        _C.RETRAINING_AUTOMATIC: _emulated("the executor approves, then deploys as `promote`"),
        _C.RETRAINING_BUDGET: _emulated(
            "machine seconds of the runs' steps, looked at every 15 minutes"
        ),
    },
)
