"""The reference stack: no cloud's name stands here; `Pulumi.<stack>.yaml` picks the target."""

from mlops_iac import Stack

Stack.from_file("mlops.yaml").build()
