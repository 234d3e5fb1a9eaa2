"""Proves the parts of executed work that need no cloud: expressions, templates, search spaces."""

import io
import re
import tarfile
from typing import Any

import pytest

from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.jobs import components
from tests.clouds.azure.work.jobs.search_space import settings
from tests.clouds.azure.work.jobs.template import binding, filled
from tests.clouds.azure.work.times import seconds
from tests.clouds.azure.work.workflows.conditions import holds
from tests.clouds.azure.work.workflows.expressions import value

_BODY: Any = [
    {"eventType": "Run", "data": {"runTags": {"mlops-iac.policy": "churn", "n": 3}, "list": [1, 2]}}
]
_SOURCES: Any = {
    "triggerbody": lambda: _BODY,
    "parameters": lambda name: {"arm": "https://management.azure.com", "none": None}[name],
    "item": lambda: _BODY[0],
}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("plain", "plain"),
        ("@@kept", "@kept"),
        ("@triggerBody()[0]['eventType']", "Run"),
        ("@triggerBody()?[0]?['data']?['nothing']?['more']", None),
        ("@triggerBody()[0].data.runTags.n", 3),
        ("@{triggerBody()[0].data.runTags.n}", "3"),
        ("a-@{concat('b', '''', 1)}-@{parameters('none')}.", "a-b'1-."),
        ("@item()?['data']?['runTags']?['mlops-iac.policy']", "churn"),
        (
            "@{parameters('arm')}/x?y=@{uriComponent('a b')}",
            "https://management.azure.com/x?y=a%20b",
        ),
        ("@coalesce(parameters('none'), 'second')", "second"),
        ("@if(equals(1, 1.0), 'same', fail())", "same"),
        ("@and(true, not(empty('x')))", True),
        ("@or(equals('a', 1), contains(createArray('a'), 'a'))", True),
        ("@json('{\"a\": [1]}')['a'][0]", 1),
        ("@string(triggerBody()[0].data.list)", "[1,2]"),
        ("@formatDateTime('2026-01-02T03:04:05Z', 'yyyyMMddHHmmss')", "20260102030405"),
        ("@substring(replace('2026-01', '-', ''), 4)", "01"),
        ("@first(split('a/b', '/'))", "a"),
        ("@length(triggerBody())", 1),
        ({"a": ["@add(1, 2)"]}, {"a": [3]}),
    ],
)
def test_expressions_are_evaluated_as_logic_apps_have_them(told: Any, expected: Any) -> None:
    assert value(told, _SOURCES) == expected


def test_a_guid_is_another_each_time() -> None:
    assert value("@guid()", {}) != value("@guid()", {})
    assert re.fullmatch(r"[0-9a-f-]{36}", value("@{guid()}", {}))


@pytest.mark.parametrize("told", ["@xpath('a')", "@triggerBody(", "@a", "@{'x'"])
def test_what_is_unknown_does_not_pass_unseen(told: str) -> None:
    with pytest.raises(WorkError, match="does not do"):
        value(told, _SOURCES)


def test_what_is_not_there_is_an_invalid_template() -> None:
    with pytest.raises(WorkError, match="InvalidTemplate"):
        value("@triggerBody()[0]['nothing']['more']", _SOURCES)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("@equals(1, 1)", True),
        ({"and": [{"equals": ["@item().eventType", "Run"]}, {"not": {"equals": [1, 2]}}]}, True),
        ({"or": [{"greater": [1, 2]}, {"less": ["@item().data.runTags.n", 2]}]}, False),
    ],
)
def test_conditions_hold_or_not(told: Any, *, expected: bool) -> None:
    assert holds(told, _SOURCES) is expected


def test_a_commands_template_is_filled() -> None:
    command = "python x.py --rows ${{inputs.rows}} --c ${{ search_space.c }} $[[--o ${{inputs.o}}]]"

    told = filled(command, {"inputs.rows": "/mnt/rows", "search_space.c": 2.0})

    assert told == "python x.py --rows /mnt/rows --c 2 "
    assert binding("${{parent.jobs.train.outputs.model}}") == "parent.jobs.train.outputs.model"
    assert binding("/mnt/rows") == ""
    with pytest.raises(WorkError, match="refers to what the job does not have"):
        filled("${{inputs.other}}", {})


def test_spaces_are_searched_as_the_algorithm_has_it() -> None:
    space = {"depth": ["choice", [[2, 4]]], "kind": ["choice", [["a", "b"]]]}
    assert [*settings(space, "Grid", 3)] == [
        {"depth": 2, "kind": "a"},
        {"depth": 2, "kind": "b"},
        {"depth": 4, "kind": "a"},
    ]
    drawn = {"c": ["loguniform", [-3.0, 0.0]], "n": ["quniform", [1, 9, 2]], "u": ["randint", [3]]}
    found = [*settings(drawn, "Random", 5)]
    assert found == [*settings(drawn, "Random", 5)]
    assert all(0.04 < one["c"] <= 1 and one["n"] in {1, 2, 4, 6, 8, 9} for one in found)


@pytest.mark.parametrize(
    ("algorithm", "space", "message"),
    [
        ("Grid", {"c": ["uniform", [0, 1]]}, "Grid sampling supports choice only"),
        ("Bayesian", {"c": ["loguniform", [0, 1]]}, "Bayesian sampling supports choice"),
        ("Random", {"c": ["triangle", [0, 1]]}, "no known distribution"),
        ("Other", {}, "does not do the sampling algorithm"),
    ],
)
def test_what_cannot_be_searched_is_refused(algorithm: str, space: Any, message: str) -> None:
    with pytest.raises(WorkError, match=message):
        list(settings(space, algorithm, 1))


def test_nodes_are_read_in_either_case() -> None:
    node = components.normal({"type": "sweep", "searchSpace": {}, "samplingAlgorithm": "random"})
    assert node == {"type": "sweep", "search_space": {}, "sampling_algorithm": "random"}
    space = {"c": {"type": "uniform", "min_value": 0, "max_value": 1}}
    told = components.sweep(
        {"search_space": space, "objective": {"primary_metric": "auc", "goal": "maximize"}}, {}
    )
    assert told["searchSpace"] == {"c": ["uniform", [0, 1]]}
    assert told["objective"] == {"primaryMetric": "auc", "goal": "maximize"}
    with pytest.raises(WorkError, match="does not do"):
        components.normal({"strange": 1})


def test_inputs_have_defaults_and_none_is_invented() -> None:
    spec = {"inputs": {"c": {"type": "number", "default": "1.0"}, "d": {"type": "uri_folder"}}}
    data = {"jobInputType": "uri_folder", "uri": "azureml://x"}
    assert components.with_defaults(spec, {"d": data})["c"]["value"] == "1.0"
    with pytest.raises(WorkError, match="'d' is required"):
        components.with_defaults(spec, {})
    with pytest.raises(WorkError, match="no inputs"):
        components.with_defaults(spec, {"d": data, "e": data})


@pytest.mark.parametrize(
    ("told", "expected"), [("PT1H30M", 5400), ("P1D", 86400), ("PT5S", 5), (60, 60), (None, 7)]
)
def test_durations_are_seconds(told: Any, expected: float) -> None:
    assert seconds(told, 7) == expected


def test_a_folder_without_its_dockerfile_is_not_built() -> None:
    from tests.clouds.azure.work.building import judge

    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as made:
        made.addfile(tarfile.TarInfo("Dockerfile"))
    asked = {"type": "DockerBuildRequest", "imageNames": ["runtime:1"]}

    judge(asked, stream.getvalue())
    with pytest.raises(WorkError, match="unable to evaluate symlinks"):
        judge({**asked, "dockerFilePath": "Other"}, stream.getvalue())
    with pytest.raises(WorkError, match="failed to download context"):
        judge(asked, b"no archive")
    with pytest.raises(WorkError, match="needs a name"):
        judge({**asked, "imageNames": []}, None)
