"""`pulumi preview` of the reference stack on AWS beside one hand-written file: `_preview.py`."""

from _preview import Cloud, measure

AWS = Cloud(
    name="aws",
    imports="import pulumi_aws as aws\nimport pulumi_aws_native as aws_native",
    arguments=frozenset({"allowedAccountIds", "defaultTags", "region"}),
    known="aws:s3/bucket:Bucket",
    output="arn",
)

if __name__ == "__main__":
    measure(AWS)
