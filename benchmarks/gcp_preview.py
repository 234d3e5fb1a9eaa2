"""`pulumi preview` of the reference stack on Google Cloud beside one hand-written file."""

from _preview import Cloud, measure

GOOGLE_CLOUD = Cloud(
    name="gcp",
    imports="import pulumi_gcp as gcp",
    arguments=frozenset({"defaultLabels", "project", "region"}),
    known="gcp:storage/bucket:Bucket",
    output="url",
)

if __name__ == "__main__":
    measure(GOOGLE_CLOUD)
