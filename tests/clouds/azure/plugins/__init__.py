"""Stand-in for `pulumi-resource-azure-native`, for tests.

It takes what the engine sends to the official plugin, judges it by the contract's walkers, and does
it in the test cloud by Azure Resource Manager. `PATH` must hold this folder; the variables of
`Cloud.environment` name the cloud.
"""
