"""What a cloud's registry cannot hold of a version, as documents in the stack's store."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from mlops_iac.documents import Generations
from mlops_iac.registry.parts import Model, ModelPolicy, Record


@dataclass(frozen=True)
class Records:
    """The records of versions, in `models/<model>/versions/<number>.json`."""

    documents: Generations

    def read(self, place: Any, model: Model, number: int) -> Record:
        """Return the record of a version; an empty one when there is none."""
        told = self.documents.read(place, model.bucket, record_path(model, number))
        return Record(**_known(told))

    def note(self, place: Any, model: Model, number: int, facts: Mapping[str, Any]) -> None:
        """Keep facts in a record, beside those that are there; members of `Record` by name."""
        path, is_kept = record_path(model, number), False
        while not is_kept:
            # Who approves and who registers may write at the same time: neither forgets the other.
            told, generation = self.documents.read_generation(place, model.bucket, path)
            noted = vars(Record(**{**_known(told), **facts}))
            document = {**(told or {}), **noted, "metrics": dict(noted["metrics"])}
            is_kept = self.documents.write(
                place, model.bucket, path, document, generation=generation
            )

    def remove(self, place: Any, model: Model, number: int) -> None:
        """Remove the record of a version."""
        self.documents.remove(place, model.bucket, record_path(model, number))

    def remove_all(self, place: Any, model: Model) -> None:
        """Remove the records of every version."""
        for path in self.paths(place, model):
            self.documents.remove(place, model.bucket, path)

    def paths(self, place: Any, model: Model) -> list[str]:
        """Return where the records of a model lie."""
        return self.documents.paths(place, model.bucket, f"{_folder(model)}/")

    def policy(self, place: Any, model: Model) -> ModelPolicy:
        """Return what was declared of a model."""
        told = self.documents.read(place, model.bucket, policy_path(model)) or {}
        return ModelPolicy(
            component=model.component,
            approval=told.get("approval", "manual"),
            trust_pickle=bool(told.get("trust_pickle")),
            profile=told.get("profile", ""),
        )


def record_path(model: Model, number: int) -> str:
    """Return where in the store the record of a version lies."""
    return f"{_folder(model)}/{number}.json"


def policy_path(model: Model) -> str:
    """Return where in the store lies what was declared of a model."""
    return f"models/{model.component}/model.json"


def _folder(model: Model) -> str:
    return f"models/{model.component}/versions"


def _known(told: Mapping[str, Any] | None) -> dict[str, Any]:
    known = {each.name for each in fields(Record)}
    return {key: value for key, value in (told or {}).items() if key in known}
