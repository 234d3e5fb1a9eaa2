"""The `local` target: see `mlops_iac_local.provider`."""
