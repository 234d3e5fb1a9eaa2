"""Clusters that steps run on: one for each size of machine, price and identity, empty when idle.

A cluster has one identity and no other, so that a script of the user's cannot ask for another's
token. Which ones a stack needs follows from its declaration alone: the platform makes them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mlops_iac.jobs.features import COMPUTE
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import (
    BatchInference,
    Compute,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    ModelMonitor,
    Pipeline,
    ProcessingJob,
    Spec,
    TrainingJob,
)
from mlops_iac.wiring import training_steps
from mlops_iac_azure import facts, names
from mlops_iac_azure.compute import Use, chosen
from mlops_iac_azure.jobs.steps import Node

MOST_NODES = 100
"""So that a cluster is no way around the quota that people ask for."""
OURS = Compute()
"""What a step gets in which nothing of the user's runs."""


@dataclass(frozen=True, order=True)
class Cluster:
    """Machines that are alike."""

    machine: str
    is_spot: bool
    purpose: Purpose


def cluster_of(node: Node) -> Cluster:
    """Return the cluster that a node runs on."""
    return Cluster(node.machine, node.is_spot, node.purpose)


def cluster_name(cluster: Cluster, scope: Scope) -> str:
    """Return the name of a cluster in the workspace; each stack on a platform has its own."""
    return scope.physical_name(names.CLUSTER, *_words(cluster))


def cluster_id(cluster: Cluster, scope: Scope) -> str:
    """Return the id of a cluster."""
    return facts.in_workspace(scope, "computes", cluster_name(cluster, scope))


def logical_name(cluster: Cluster) -> str:
    """Return the end of the logical name of a cluster."""
    return "-".join(("cluster", *_words(cluster)))


def clusters(scope: Scope) -> Mapping[Cluster, int]:
    """Return the clusters of a stack, each with the machines that may run at the same time."""
    found: dict[Cluster, int] = {}
    for spec in scope.specs.values():
        for cluster, nodes in _needs(spec, scope):
            found[cluster] = min(MOST_NODES, found.get(cluster, 0) + nodes)
    return dict(sorted(found.items()))


def _words(cluster: Cluster) -> tuple[str, ...]:
    size = cluster.machine.removeprefix("Standard_").replace("_", "-").lower()
    return (cluster.purpose.value, size, *(("spot",) if cluster.is_spot else ()))


def _needs(spec: Spec, scope: Scope) -> Iterator[tuple[Cluster, int]]:
    """Yield the clusters that a component's runs use, with how many machines of each."""
    for compute, is_spot, nodes in _own(spec, scope):
        yield _cluster(compute, Purpose.TRAINING, is_spot=is_spot), nodes
    if isinstance(spec, FeatureGroup):
        yield _cluster(COMPUTE, Purpose.PIPELINE), 1
    if isinstance(spec, TrainingJob):
        if spec.features:
            yield _cluster(COMPUTE, Purpose.TRAINING), 1
        if spec.image:
            yield _cluster(OURS, Purpose.TRAINING), 1
    if isinstance(spec, ProcessingJob) and spec.image:
        yield _cluster(OURS, Purpose.TRAINING), 1
    # Registration, deployment, the loop: each component may have one such step at a time.
    yield _cluster(OURS, Purpose.PIPELINE), 1


def _own(spec: Spec, scope: Scope) -> Iterator[tuple[Compute, bool, int]]:
    if isinstance(spec, TrainingJob | ProcessingJob):
        yield spec.compute, spec.spot is not None, spec.instances
    elif isinstance(spec, DataValidation | BatchInference | ModelMonitor):
        yield spec.compute, False, 1
    elif isinstance(spec, HyperparameterSearch):
        job = scope.specs.get(str(spec.job))
        if isinstance(job, TrainingJob):
            parallel = min(spec.parallel, spec.trials)
            yield job.compute, job.spot is not None, job.instances * parallel
    elif isinstance(spec, Pipeline) and spec.gates:
        for name in training_steps(spec, scope.specs):
            yield judging(_trainer(name, scope).compute), False, 1


def judging(compute: Compute) -> Compute:
    """Return what judging gets: as much as training had, but no accelerator."""
    return Compute(cpu=compute.cpu, memory_gb=compute.memory_gb, disk_gb=compute.disk_gb)


def _trainer(name: str, scope: Scope) -> TrainingJob:
    step = scope.specs[name]
    job = scope.specs[str(step.job)] if isinstance(step, HyperparameterSearch) else step
    assert isinstance(job, TrainingJob)  # noqa: S101  only these kinds train
    return job


def _cluster(compute: Compute, purpose: Purpose, *, is_spot: bool = False) -> Cluster:
    return Cluster(chosen(compute, Use.TRAINING).name, is_spot, purpose)
