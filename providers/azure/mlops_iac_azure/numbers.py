"""Numbers of versions, each claimed by its record: of two runs at once only one can write it."""

from collections.abc import Set as AbstractSet

from mlops_iac.registry import Model, Records, record_path
from mlops_iac_azure import documents
from mlops_iac_azure.session import Place

_CLAIM = "run"
"""Member of a record: who has claimed the number."""


def claimed(place: Place, model: Model, label: str, made: AbstractSet[int]) -> int:
    """Return a number that no other run can take; the one that this run has claimed before.

    Args:
        place: subscription and workspace.
        model: the registered model.
        label: the run.
        made: numbers of the versions that Azure ML knows, the archived ones among them.
    """
    recorded = _recorded(place, model)
    for number in sorted(recorded - made):
        if _claim(place, model, number, label):
            return number
    number = max(made | recorded, default=0) + 1
    while not _claim(place, model, number, label):
        number += 1
    return number


def _recorded(place: Place, model: Model) -> set[int]:
    names = Records(documents).paths(place, model)
    numbers = (name.rpartition("/")[2].removesuffix(".json") for name in names)
    return {int(number) for number in numbers if number.isdecimal()}


def _claim(place: Place, model: Model, number: int, label: str) -> bool:
    path = record_path(model, number)
    told, generation = documents.read_generation(place, model.bucket, path)
    if told is not None:
        return told.get(_CLAIM) == label
    claim = {_CLAIM: label, "metrics": {}}
    return documents.write(place, model.bucket, path, claim, generation=generation)
