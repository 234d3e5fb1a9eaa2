"""What the test cloud's jobs, endpoints and workflows do: processes, laid out as Azure ML's.

A process stands for a container: `MLOPS_ROOT` moves the absolute paths below a folder of its own,
inputs and outputs are folders there with the blobs of their datastore. This proves layout,
packaging, order and identity; not images, machines or the network.
"""

from tests.clouds.azure.work.processes import Processes

__all__ = ["Processes"]
