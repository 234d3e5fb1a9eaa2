"""Stand-in for `pulumi-resource-gcp`, for tests.

It takes what the engine sends to the official plugin, judges it by the contract's walkers, and does
it in the test cloud by REST. `PATH` must hold this folder; the variables of `Cloud.environment`
name the cloud.
"""
