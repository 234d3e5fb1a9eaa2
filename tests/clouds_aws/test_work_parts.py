"""Proves the rules of the AWS test cloud's work: merges, filters, hours, alarms, builds."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.aws.work.association import filtered, joined_with
from tests.clouds.aws.work.container import moved
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.monitoring.merge import merge
from tests.clouds.aws.work.monitoring.window import hours, offset
from tests.clouds.aws.work.numbers import datum, put_metrics
from tests.clouds.aws.work.tuning import combinations
from tests.clouds_aws.worked import BUCKET, ROLE, Bench, named, until

CSV, JSON = "text/csv", "application/json"
BUILD = 'docker build --tag "$REPOSITORY:$IMAGE_TAG" .'
PUSH = 'docker push "$REPOSITORY:$IMAGE_TAG"'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/opt/ml/model", "/r/opt/ml/model"),
        ('{"path": "/opt/ml/input/x"}', '{"path": "/r/opt/ml/input/x"}'),
        ("a=/opt/ml,b=/opt/ml/x", "a=/r/opt/ml,b=/r/opt/ml/x"),
        ("s3://bucket/opt/ml/model", "s3://bucket/opt/ml/model"),
        ("/opt/mlops", "/opt/mlops"),
    ],
)
def test_paths_below_opt_ml_are_moved_and_no_others(text: str, expected: str) -> None:
    assert moved(text, Path("/r")) == expected


@pytest.mark.parametrize(
    ("record", "path", "kind", "expected"),
    [
        (b"7,1,2", "$[1:]", CSV, b"1,2"),
        (b'7,"a,b"', "$[1]", CSV, b'"a,b"'),
        (b'{"id": 7, "features": [1, 2]}', "$.features", JSON, b"[1, 2]"),
        (b'{"id": 7, "x": 1, "y": 2}', "$['y','id']", JSON, b'{"y": 2, "id": 7}'),
    ],
)
def test_a_filter_selects_what_its_path_says(
    record: bytes, path: str, kind: str, expected: bytes
) -> None:
    assert filtered(record, path, kind) == expected


@pytest.mark.parametrize(("path", "kind"), [("$.b", JSON), ("$['a','b']", JSON), ("$[4]", CSV)])
def test_a_filter_that_selects_nothing_fails(path: str, kind: str) -> None:
    record = b"1,2" if kind == CSV else b'{"a": 1}'

    with pytest.raises(JobError, match="the filter"):
        filtered(record, path, kind)


def test_a_join_puts_each_answer_beside_its_record_or_fails() -> None:
    assert joined_with([b"1,2"], [b"0.5"], CSV) == [b"1,2,0.5"]
    assert joined_with([b"[1]"], [b"2"], JSON) == [b'{"SageMakerInput": [1], "SageMakerOutput": 2}']
    with pytest.raises(JobError, match="2 records have 1 answers"):
        joined_with([b"1", b"2"], [b"3"], CSV)


def test_hours_are_those_that_have_a_part_in_the_time() -> None:
    start = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)

    found = list(hours(start, start + timedelta(hours=2)))

    assert found == ["2026/11/21/22", "2026/11/21/23", "2026/11/22/00"]
    assert offset("-P1DT2H") == -timedelta(days=1, hours=2)
    assert offset("PT30M") == timedelta(minutes=30)


def event(name: str, inference: str | None = None) -> dict[str, Any]:
    return {"eventMetadata": {"eventId": name, **({"inferenceId": inference} if inference else {})}}


def test_truth_meets_the_traffic_of_its_id_and_the_callers_id_comes_first(bench: Bench) -> None:
    place = f"s3://{BUCKET}/{named('merge')}"
    captured = [
        {"captureData": {"n": 1}, **event("e1", "ours")},
        {"captureData": {"n": 2}, **event("e2")},
        {"captureData": {"n": 3}, **event("e3")},
    ]
    labels = [("ours", "x"), ("e2", "y"), ("e1", "wrong"), ("unknown", "z")]
    truth = [{"groundTruthData": {"data": label}, **event(name)} for name, label in labels]
    for folder, records in (("capture/score/main/h", captured), ("truth/h", truth)):
        text = "".join(json.dumps(record) + "\n" for record in records)
        bench.put(f"{place.removeprefix(f's3://{BUCKET}/')}/{folder}/0.jsonl", text)
    folders = {"score/main/h": f"{place}/capture/score/main/h"}

    found = merge(bench.client("s3"), folders, [f"{place}/truth/h"], f"{place}/merge")

    assert found == [f"{place}/merge/score/main/h"]
    merged = [json.loads(line) for line in bench.get(f"{found[0]}/merged.jsonl").splitlines()]
    assert [(one["captureData"]["n"], one["groundTruthData"]["data"]) for one in merged] == [
        (1, "x"),
        (2, "y"),
    ]
    nothing = merge(bench.client("s3"), folders, [f"{place}/none"], f"{place}/again")
    assert nothing == []


def test_an_alarm_goes_off_and_ends_with_its_numbers(bench: Bench) -> None:
    cloudwatch, name = bench.client("cloudwatch"), named("loud")
    for kind, more in (("one", _single(name)), ("any", _math(name))):
        cloudwatch.put_metric_alarm(
            AlarmName=f"{name}-{kind}",
            EvaluationPeriods=1,
            Threshold=0.5,
            ComparisonOperator="GreaterThanThreshold",
            **more,
        )

    seen = []
    for value in (0.25, 0.75):
        put_metrics(cloudwatch, name, [datum("drift", value, {"Of": name})])
        alarms = cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
        seen.append({alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms})

    assert seen == [
        {f"{name}-one": "OK", f"{name}-any": "OK"},
        {f"{name}-one": "ALARM", f"{name}-any": "ALARM"},
    ]


def _single(name: str) -> dict[str, Any]:
    dimensions = [{"Name": "Of", "Value": name}]
    metric = {"Namespace": name, "MetricName": "drift", "Dimensions": dimensions}
    return {**metric, "Statistic": "Maximum", "Period": 3600}


def _math(name: str) -> dict[str, Any]:
    metric = {k: v for k, v in _single(name).items() if k not in {"Statistic", "Period"}}
    stat = {"Metric": metric, "Period": 3600, "Stat": "Maximum"}
    quiet = {**stat, "Metric": {**metric, "MetricName": "quiet"}}
    return {
        "Metrics": [
            {"Id": "m1", "MetricStat": stat, "ReturnData": False},
            {"Id": "m2", "MetricStat": quiet, "ReturnData": False},
            {"Id": "most", "Expression": "MAX([m1, m2])", "ReturnData": True},
        ]
    }


def test_drawn_trials_stay_in_their_ranges_and_are_the_same_for_a_seed() -> None:
    request = {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "RandomSeed": 7,
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 40, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "IntegerParameterRanges": [{"Name": "n", "MinValue": "2", "MaxValue": "4"}],
                "ContinuousParameterRanges": [
                    {"Name": "c", "MinValue": "1e-3", "MaxValue": "10",
                     "ScalingType": "Logarithmic"},
                ],
                "CategoricalParameterRanges": [{"Name": "k", "Values": ["a", "b"]}],
            },
        }
    }  # fmt: skip

    found = list(combinations(request))

    assert found == list(combinations(request))
    assert {one["n"] for one in found} == {"2", "3", "4"}
    assert {one["k"] for one in found} == {"a", "b"}
    assert all(0.001 <= float(one["c"]) <= 10 for one in found)
    assert sum(float(one["c"]) < 0.1 for one in found) > 10


def start_build(bench: Bench, project: str, context: dict[str, str], tag: str) -> dict[str, Any]:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in context.items():
            archive.writestr(name, text)
    bench.put(f"images/{tag}.zip", content.getvalue())
    codebuild = bench.client("codebuild")
    variable = {"name": "IMAGE_TAG", "value": tag, "type": "PLAINTEXT"}
    started = codebuild.start_build(
        projectName=project,
        sourceTypeOverride="S3",
        sourceLocationOverride=f"{BUCKET}/images/{tag}.zip",
        environmentVariablesOverride=[variable],
    )["build"]
    return until(
        lambda: codebuild.batch_get_builds(ids=[started["id"]])["builds"][0],
        "buildStatus",
        {"IN_PROGRESS"},
    )


def builder(bench: Bench, name: str, commands: list[str]) -> None:
    spec = {"version": 0.2, "phases": {"build": {"commands": commands}}}
    repository = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{name}"
    bench.client("codebuild").create_project(
        name=name,
        source={"type": "S3", "location": f"{BUCKET}/images/", "buildspec": json.dumps(spec)},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "computeType": "BUILD_GENERAL1_MEDIUM",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "environmentVariables": [{"name": "REPOSITORY", "value": repository}],
        },
        serviceRole=ROLE,
    )


def test_a_build_leaves_an_image_whose_digest_follows_from_its_context(bench: Bench) -> None:
    name, ecr = named("images"), bench.client("ecr")
    builder(bench, name, [BUILD, PUSH])
    missing = start_build(bench, name, {"Dockerfile": "FROM base"}, "early")
    ecr.create_repository(repositoryName=name)
    digests = []
    for tag, text in (("one", "FROM base"), ("two", "FROM other")):
        found = start_build(bench, name, {"Dockerfile": text}, tag)
        assert found["buildStatus"] == "SUCCEEDED", found
        (image,) = ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])[
            "imageDetails"
        ]
        digests.append(image["imageDigest"])

    assert "RepositoryNotFoundException" in json.dumps(missing["phases"], default=str)
    assert len(set(digests)) == 2


@pytest.mark.parametrize(
    ("commands", "context", "reason"),
    [
        ([BUILD, PUSH], {"Other": ""}, "open Dockerfile: no such file"),
        ([PUSH], {"Dockerfile": ""}, "builds no image"),
        ([BUILD], {"Dockerfile": ""}, "pushes no image"),
        ([BUILD, 'docker push "$NOWHERE:$IMAGE_TAG"'], {"Dockerfile": ""}, "NOWHERE"),
    ],
)
def test_a_build_that_cannot_work_fails_with_its_reason(
    bench: Bench, commands: list[str], context: dict[str, str], reason: str
) -> None:
    name = named("images")
    builder(bench, name, commands)

    found = start_build(bench, name, context, name)

    assert found["buildStatus"] == "FAILED"
    assert reason in json.dumps(found["phases"], default=str)
