"""What Vertex AI and its Pulumi SDK carry, how, and what a user can do about the rest."""

from mlops_iac.provider import Capability, Level, Support, total_table

_NATIVE = Support(Level.NATIVE)

_AUTHENTICATION_PAGE = "https://cloud.google.com/vertex-ai/docs/authentication"
_PREDICTION_PAGE = "https://cloud.google.com/vertex-ai/docs/predictions/overview"


_LATER = Support(
    Level.NOT_IMPLEMENTED,
    "Vertex AI can, this adapter does not make it yet; leave it out of this environment "
    "(`NAME: null` in its overlay), or run it on `local`",
)


_SPOT = (
    "strategy SPOT; Vertex counts `maxWaitDuration` only while it looks for machines, so "
    "`timeout` bounds the running and `max_wait` less `timeout` the waiting"
)
_JUDGED = (
    "the runtime's check, as on every target, on the requests that the endpoint logs in BigQuery"
)
_TRUTH = f"{_JUDGED}; truth comes by `mlops-iac truth`, at most a day after its prediction"
_SECRETS = "the job names the Secret Manager version; the runtime reads it as the job's identity"


def _emulated(note: str) -> Support:
    return Support(Level.EMULATED, note)


CAPABILITIES = total_table(
    "gcp",
    {
        Capability.PLATFORM_REGION: _NATIVE,
        Capability.PLATFORM_ACCOUNT: _NATIVE,
        Capability.PLATFORM_ROLE: _NATIVE,
        Capability.PLATFORM_EXISTING_NETWORK: _NATIVE,
        Capability.PLATFORM_OWN_NETWORK: _NATIVE,
        Capability.PLATFORM_CUSTOMER_KEY: _NATIVE,
        Capability.PLATFORM_EXISTING_KEY: _NATIVE,
        Capability.PLATFORM_TAGS: _emulated(
            "labels: keys and values in lower case, other characters become `_`"
        ),
        Capability.PLATFORM_RUNTIME_IMAGE: _NATIVE,
        Capability.DATASET_FILES: _NATIVE,
        Capability.DATASET_URI: _NATIVE,
        Capability.DATASET_COLUMNS: _emulated(
            "written to the dataset's manifest, which every run is given; the runtime checks the "
            "files before the script starts"
        ),
        Capability.TRAINING_SCRIPT: _NATIVE,
        Capability.TRAINING_IMAGE: _NATIVE,
        Capability.TRAINING_ACCELERATOR: _NATIVE,
        Capability.TRAINING_INSTANCES: _NATIVE,
        Capability.TRAINING_SPOT: _emulated(_SPOT),
        Capability.TRAINING_SECRETS: _emulated(_SECRETS),
        Capability.TRAINING_ON_CHANGE: _emulated(
            "a JobRun of our plugin, keyed by code, data, parameters and environment"
        ),
        Capability.TRAINING_WAIT_FINISHED: _emulated("JobRun polls the pipeline job"),
        Capability.TRAINING_WAIT_SUBMITTED: _NATIVE,
        Capability.MODEL_APPROVAL: _emulated(
            "label `approval` on the model version, who decided and why beside it in the bucket: "
            "Vertex has aliases, but no approval; our verbs and resources deploy no other version"
        ),
        Capability.MODEL_CARD: _emulated(
            "a JSON record in the bucket, `models/NAME/model.json`: Vertex has no model card"
        ),
        Capability.MODEL_PICKLE: _emulated("handed to the model server, which loads by digest"),
        Capability.ENDPOINT_PINNED: _NATIVE,
        Capability.ENDPOINT_ALIAS: _NATIVE,
        Capability.ENDPOINT_REPLICAS: _NATIVE,
        Capability.ENDPOINT_AUTOSCALING: _NATIVE,
        Capability.ENDPOINT_SCALE_TO_ZERO: _emulated(
            "`scaleToZeroSpec` of the preview API v1beta1; the first request after a pause waits"
        ),
        Capability.ENDPOINT_SERVERLESS: _NATIVE,
        Capability.ENDPOINT_ASYNC: _emulated(
            "Pub/Sub tells a service of Cloud Run of requests in the bucket; its server writes "
            "the answers beside them"
        ),
        Capability.ENDPOINT_ACCELERATOR: _NATIVE,
        Capability.ENDPOINT_CANARY: _emulated(
            "ModelDeployment moves `trafficSplit` in two steps, looks at errors between them, and "
            "goes back on failure"
        ),
        Capability.ENDPOINT_LINEAR: _emulated(
            "ModelDeployment moves `trafficSplit` in equal steps, looks at errors between them, "
            "and goes back on failure"
        ),
        Capability.ENDPOINT_SPLIT: _NATIVE,
        Capability.ENDPOINT_SHADOW: Support(
            Level.NOT_AVAILABLE,
            "Vertex copies no requests; let the challenger answer a small share "
            "(`shadow: false`), or predict in batches with both versions",
            _PREDICTION_PAGE,
        ),
        Capability.ENDPOINT_CAPTURE: _NATIVE,
        Capability.ENDPOINT_IDENTITY_AUTH: _NATIVE,
        Capability.ENDPOINT_KEY_AUTH: Support(
            Level.NOT_AVAILABLE,
            "custom models answer to Google identities only; use `authentication: identity`",
            _AUTHENTICATION_PAGE,
        ),
        Capability.ENDPOINT_SECRETS: _emulated(
            "the model names the Secret Manager version; the server reads it as its identity"
        ),
        Capability.ENDPOINT_TIMEOUT: _NATIVE,
        Capability.DATA_FROM_JOB: _NATIVE,
        Capability.VALIDATION: _emulated(
            "a CustomJob that runs the runtime's check, as on every target; "
            "Dataplex data scans read "
            "tables of BigQuery only"
        ),
        Capability.PROCESSING_SCRIPT: _NATIVE,
        Capability.PROCESSING_IMAGE: _NATIVE,
        Capability.PROCESSING_ACCELERATOR: _NATIVE,
        Capability.PROCESSING_INSTANCES: _NATIVE,
        Capability.PROCESSING_SPOT: _emulated(_SPOT),
        Capability.PROCESSING_SECRETS: _emulated(_SECRETS),
        Capability.FEATURES_OFFLINE: _NATIVE,
        Capability.FEATURES_ONLINE: _NATIVE,
        Capability.FEATURES_TTL: _emulated(
            "whoever reads judges the age: a value is served with its time; Bigtable forgets none"
        ),
        Capability.TRACKER_EXPERIMENT: _NATIVE,
        Capability.TRACKER_SERVER: _emulated(
            "MLflow on Cloud Run, which sleeps, with PostgreSQL on Cloud SQL, which is billed by "
            "the hour, also while nobody asks"
        ),
        Capability.TRAINING_FEATURES: _emulated(
            "a CustomJob before the training joins the features as they were known; Vertex AI's "
            "own point-in-time fetch is a Python client's, and knows no `ttl`"
        ),
        Capability.TRAINING_EXPERIMENT: _emulated(
            "the launcher of a run writes its parameters and metrics into Vertex AI's metadata, as "
            "Google's own client does; the script's MLflow calls stay in the run's own folder"
        ),
        Capability.SEARCH_BAYESIAN: _NATIVE,
        Capability.SEARCH_RANDOM: _NATIVE,
        Capability.SEARCH_GRID: _NATIVE,
        Capability.SEARCH_PARALLEL: _NATIVE,
        Capability.PIPELINE_STEPS: _NATIVE,
        Capability.PIPELINE_GATES: _emulated(
            "a CustomJob scores candidate and champion, its launcher tells the verdict, "
            "and a condition "
            "of the pipeline registers"
        ),
        Capability.SCHEDULE_CRON: _NATIVE,
        Capability.SCHEDULE_EVERY: _emulated(
            "cron: minutes that divide an hour, hours that divide a day, a day, a week"
        ),
        Capability.BATCH: _emulated(
            "a CustomJob of the runtime: Vertex AI's batch prediction takes no secrets, "
            "keeps no columns "
            "and follows no alias"
        ),
        Capability.BATCH_ACCELERATOR: _NATIVE,
        Capability.BATCH_SECRETS: _emulated(_SECRETS),
        Capability.MONITOR_DATA_QUALITY: _emulated(_JUDGED),
        Capability.MONITOR_DATA_DRIFT: _emulated(_JUDGED),
        Capability.MONITOR_PREDICTION_DRIFT: _emulated(_JUDGED),
        Capability.MONITOR_MODEL_QUALITY: _emulated(_TRUTH),
        Capability.RETRAINING: _emulated(
            "a pipeline of one task, woken by the monitor's topic and by a schedule; its memory "
            "lies in the bucket, written by generation"
        ),
        Capability.RETRAINING_AUTOMATIC: _emulated(
            "the executor approves, then deploys as `promote`"
        ),
        Capability.RETRAINING_BUDGET: _emulated(
            "machine seconds of the runs' jobs, looked at every 15 minutes"
        ),
    },
)
