"""Log Analytics keeps rows and answers queries.

Proves the steps and expressions that our adapter asks with, and the ways in. Limits: a part of the
language; what is not done is refused.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.services import logs
from tests.clouds.azure.store import Record
from tests.clouds_azure.played import Played, played

NUMBER = "44444444-4444-4444-8444-444444444444"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Played]:
    """A cloud with a workspace and rows of a table `App_CL`."""
    with played() as made:
        record = made.make(logs.WORKSPACE, "l", {"customerId": NUMBER})
        made.make(f"{logs.WORKSPACE}/tables", "l/Empty_CL")
        rows = [
            {"App_s": app, "Log_s": text, "n": n, "TimeGenerated": f"2026-01-0{n}T00:00:00Z"}
            for n, app, text in (
                (1, "a", "started"),
                (2, "a", "POST /score 200"),
                (3, "b", '{"level": "error", "at": {"line": 7}}'),
                (4, "a", 'it\'s "done"'),
            )
        ]
        logs.write(made.world, record.id, "App_CL", rows)
        yield made


def _asked(cloud: Played, query: str, **more: str) -> Any:
    path, body = f"logs/v1/workspaces/{NUMBER}/query", {"query": query, **more}
    return cloud.ask("POST", path, body, audience=tokens.LOGS[0])


def _rows(cloud: Played, query: str, **more: str) -> list[list[Any]]:
    told = _asked(cloud, query, **more)
    assert told.ok, told.text
    return told.json()["tables"][0]["rows"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("App_CL | where App_s == 'a' | project n | take 2", [[1], [2]]),
        ('App_CL | where App_s =~ "A" and n > 1 | order by n | project n', [[4], [2]]),
        ("App_CL | where Log_s has 'score' or Log_s contains 'TART' | project n", [[1], [2]]),
        ("App_CL | where App_s in ('b', 'c') | project Log_s, x = n * 2", None),
        ("App_CL | summarize count() by App_s | order by App_s asc", [["a", 3], ["b", 1]]),
        ("App_CL | summarize m = max(n), avg(n)", [[4, 2.5]]),
        ("App_CL | top 1 by TimeGenerated desc | project n", [[4]]),
        ("App_CL | where TimeGenerated >= datetime(2026-01-03) | count", [[2]]),
        ("App_CL | where TimeGenerated > ago(1d) | count", [[0]]),
        ("App_CL | extend j = parse_json(Log_s) | where j.at.line == 7 | project n", [[3]]),
        ("App_CL | where isnotempty(nope) or not(n != 4) | project n", [[4]]),
        ('App_CL | where Log_s == "it\'s \\"done\\"" // why\n| project n', [[4]]),
        ("App_CL | distinct App_s", [["a"], ["b"]]),
        ("union isfuzzy=true App_CL, Empty_CL | where n == 1 | project App_s", [["a"]]),
        ("Empty_CL | take 5", []),
        ("App_CL | summarize count() by d = bin(n, 3) | project d, count_", [[0, 2], [3, 2]]),
    ],
)
def test_queries_are_log_analytics(cloud: Played, query: str, rows: Any) -> None:
    if rows is None:
        rows = [['{"level": "error", "at": {"line": 7}}', 6]]
    assert _rows(cloud, query) == rows


def test_a_timespan_bounds_a_query_and_columns_have_types(cloud: Played) -> None:
    span = "2026-01-02T00:00:00Z/2026-01-03T12:00:00Z"
    assert _rows(cloud, "App_CL | project n", timespan=span) == [[2], [3]]
    told = _asked(cloud, "App_CL | take 1 | project App_s, n").json()
    columns = [(one["name"], one["type"]) for one in told["tables"][0]["columns"]]
    assert columns == [("App_s", "string"), ("n", "long")]


@pytest.mark.parametrize(
    "query", ["Nope_CL | take 1", "App_CL | render piechart", "App_CL | where n ==", "a b | count"]
)
def test_what_is_no_query_is_refused(cloud: Played, query: str) -> None:
    told = _asked(cloud, query)
    assert (told.status_code, told.json()["error"]["code"]) == (400, "BadArgumentError")


def test_rows_come_by_rules_and_by_settings(cloud: Played) -> None:
    workspace = f"{cloud.group}/providers/{logs.WORKSPACE}/l"
    destination = {"name": "d", "workspaceResourceId": workspace}
    flow = {"streams": ["Custom-T_CL"], "destinations": ["d"], "outputStream": "Custom-T_CL"}
    rule = {"immutableId": "dcr-1", "destinations": {"logAnalytics": [destination]}}
    cloud.make(logs.RULE, "rule", {**rule, "dataFlows": [flow]})
    path = "logs/dataCollectionRules/dcr-1/streams/Custom-T_CL"
    assert cloud.ask("POST", path, [{"x": 1}], audience=tokens.MONITOR[0]).status_code == 204
    assert _rows(cloud, "T_CL | project x") == [[1]]

    app = cloud.make("Microsoft.MachineLearningServices/workspaces", "w")
    own = {"workspaceId": workspace, "logs": [{"category": "Console", "enabled": True}]}
    setting = f"{app.id}/providers/{logs.SETTING}/s"
    cloud.world.store.add(Record(setting, logs.SETTING, {"properties": own}))
    for category in ("Console", "Other"):
        path = f"logs/resources{app.id}?category={category}"
        cloud.ask("POST", path, [{"Message": category}], audience=tokens.MONITOR[0])
    assert _rows(cloud, "union Console, Other | project Message") == [["Console"]]
