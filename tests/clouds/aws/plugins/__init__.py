"""Stand-ins for `pulumi-resource-aws` and `pulumi-resource-aws-native`, for tests.

They take what the engine sends to the official plugins, judge it by the contract's walkers, and do
it in the test cloud by boto3. `PATH` must hold this folder; `AWS_ENDPOINT_URL` names the cloud.
"""
