"""`mlops-iac:local:JobDefinition`: code by content, requirements, limits, what a run is told."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path

from mlops_iac.content import code_files, folder_digest
from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.specs.dataset import Dataset
from mlops_iac.specs.training_job import TrainingJob
from mlops_iac_local import environments, store
from mlops_iac_local.files import read_json, remove
from mlops_iac_local.jobs.definition import DEFINITION, Definition, write_definition
from mlops_iac_local.ownership import adopt_or_make, require_ours
from mlops_iac_local.resources.common import LocalHandler, declared, existing

_OUTPUTS = frozenset({"definition"})
_SAME = ("kind", "key", "module", "limits", "timeout")
"""Properties that stand in a definition as they are."""
_OPTIONAL = ("arguments", "code", "environment", "experiment", "features",
             "hyperparameters", "inputs", "metrics", "model", "outputs", "reads", "sources",
             "tags", "task")  # fmt: skip


class JobDefinitionHandler(LocalHandler):
    """What a run of a job is, kept where the run-time verbs find it too."""

    token = "mlops-iac:local:JobDefinition"  # noqa: S105
    replace_on = frozenset({"name", "kind"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Store the code, prepare the environment, write the definition."""
        layout = self.layout(call)
        folder = layout.job(inputs["name"])
        call.journal("store-code", job=inputs["name"], digest=inputs.get("code"))
        adopt_or_make(folder, call.urn)
        project_dir = Path(call.config["projectDir"])
        if inputs.get("script") is not None:
            job = TrainingJob(inputs["name"], script=inputs["script"], data={})
            data = [Dataset("data", source=source) for source in inputs["ignoredData"]]
            files = code_files(job, project_dir, data)
            store.add(layout, "code", inputs["code"], files, folder_digest)
        python = environments.prepare(layout, inputs.get("requirements"), project_dir, call)
        write_definition(layout, _definition(inputs, python))
        return inputs["name"], {**inputs, "definition": str(folder / DEFINITION)}

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the definition; gone when its file is gone."""
        layout = self.layout(call)
        if read_json(layout.job(resource_id) / DEFINITION) is None:
            return None
        code = state.get("code")
        is_stored = code is None or store.stored(layout, "code", code).is_dir()
        drift = None if is_stored else "the stored code is gone"
        return existing(resource_id, state, declared(self, state, _OUTPUTS), drift)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Write the new definition; the code of earlier runs stays in the store."""
        return self.create(inputs, call)[1]

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove the definition; the runs it made are history and stay with the platform."""
        folder = self.layout(call).job(resource_id)
        require_ours(folder, call.urn)
        remove(folder)


def _definition(inputs: Properties, python: str) -> Definition:
    script = inputs.get("script")
    return Definition(
        component=inputs["name"],
        script=None if script is None else Path(script).name,
        python=python,
        **{name: inputs[name] for name in _SAME},
        **{name: inputs[name] for name in _OPTIONAL if inputs.get(name) is not None},
    )
