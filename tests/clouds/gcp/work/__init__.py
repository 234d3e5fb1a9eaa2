"""What the test cloud's jobs, pipelines and endpoints do: processes, laid out as Vertex AI's.

A process stands for a container: `MLOPS_ROOT` moves the absolute paths below a folder of its own,
`/gcs/<bucket>` there is a folder with the bucket's objects. This proves layout, packaging, order
and identity; not images, machines or the network.
"""

from tests.clouds.gcp.work.processes import Processes

__all__ = ["Processes"]
