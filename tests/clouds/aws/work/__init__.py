"""What the test cloud's jobs and endpoints do: the runtime, as processes laid out as SageMaker's.

A process stands for a container: `MLOPS_ROOT` moves the absolute paths below a folder of its own,
and paths below `/opt/ml` in variables and arguments are moved with it. This proves layout,
packaging and serialisation; not images, machines, the network, or a script that spells out
`/opt/ml` itself.
"""

from tests.clouds.aws.work.processes import Processes

__all__ = ["Processes"]
