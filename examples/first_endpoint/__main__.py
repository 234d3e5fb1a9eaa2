"""The declaration of `mlops.yaml` in Python; a test shows that both plan alike."""

from mlops_iac import Dataset, ModelEndpoint, Platform, RegisteredModel, Stack, TrainingJob
from mlops_iac.stack import environment_name

PLATFORMS = {
    "aws": Platform(target="aws", region="eu-west-1", account="123456789012"),
    "gcp": Platform(target="gcp", region="europe-west4", account="my-project"),
    "azure": Platform(
        target="azure", region="westeurope", account="00000000-0000-0000-0000-000000000001"
    ),
}

Stack(
    "flights",
    platform=PLATFORMS.get(environment_name(), Platform(target="local")),
    components=[
        Dataset(
            "departures",
            source="data/*.parquet",
            description="Departures of 2013 from New York",
        ),
        TrainingJob("delay", script="train.py", data="departures", model="late", metrics=["auc"]),
        RegisteredModel("late", approval="manual", description="More than 15 minutes late?"),
        ModelEndpoint("score", model="late@champion"),
    ],
).build()
