"""The files of a declaration and their digests: `mlops_iac.content` and `mlops_iac.run_key`.

Proves which files are data and code, that a digest is of names and contents alone, what is refused
with which remedy, and that the four targets give the same data and code the same version. How the
targets store the files is proved beside each provider.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from mlops_iac import Dataset, Platform, Stack, TrainingJob, content
from mlops_iac.content import ContentError, code_files, code_problems, data_files, digest
from mlops_iac.document import plan_document
from mlops_iac.run_key import run_facts
from mlops_iac.stack import Declaration

TARGETS = ("local", "aws", "gcp", "azure")
PEOPLE = Dataset("people", source="data/*.csv", format="csv")


def job(script: str = "train.py", **fields: Any) -> TrainingJob:
    return TrainingJob("fit", script=script, data="people", **fields)


def write(folder: Path, *names: str, text: str = "x") -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


# --- data


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("data/*.csv", ["a.csv"]),
        ("data/**/*.csv", ["a.csv", "more/b.csv"]),
        ("*/a.csv", ["data/a.csv"]),
        ("data", ["a.csv", "more/b.csv", "note"]),
        ("data/a.csv", ["a.csv"]),
        ("file://{}/data", ["a.csv", "more/b.csv", "note"]),
        ("data/[1].csv", []),
        ("nothing", []),
        ("s3://bucket/data", []),
        ("file://elsewhere/data", []),
    ],
)
def test_a_source_is_a_file_a_folder_a_glob_or_a_file_uri(
    tmp_path: Path, source: str, names: list[str]
) -> None:
    write(tmp_path, "data/more/b.csv", "data/note", "data/a.csv")

    assert list(data_files(source.format(tmp_path), tmp_path)) == names


def test_a_path_with_brackets_is_itself_before_it_is_a_pattern(tmp_path: Path) -> None:
    project = write(tmp_path / "my[1]", "data/[1].csv", "data/1.csv")

    assert list(data_files("data/[1].csv", project)) == ["[1].csv"]
    assert list(data_files("data/*.csv", project)) == ["1.csv", "[1].csv"]


@pytest.mark.parametrize("source", ["..", "../*", "/etc", "data/\0", "../outside/x.csv"])
def test_a_path_out_of_the_project_is_not_followed(tmp_path: Path, source: str) -> None:
    write(tmp_path, "outside/x.csv")
    project = write(tmp_path / "project", "data/a.csv")

    assert data_files(source, project) == {}


def test_a_digest_is_of_names_and_contents_not_of_places(tmp_path: Path) -> None:
    write(tmp_path, "a/x.csv", "b/x.csv")
    of_a = digest(data_files("a/*.csv", tmp_path))
    assert digest(data_files("b", tmp_path)) == of_a

    write(tmp_path, "b/x.csv", text="22")
    assert digest(data_files("b", tmp_path)) != of_a
    write(tmp_path, "c/y.csv")
    assert digest(data_files("c", tmp_path)) != of_a


def test_remote_data_is_named_by_its_address(tmp_path: Path) -> None:
    versions = {
        content.dataset_version(Dataset("x", source=source), tmp_path)
        for source in ("s3://bucket/a", "s3://bucket/b")
    }

    assert len(versions) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", version) for version in versions)


def test_more_files_than_a_declaration_uploads_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "MAX_UPLOADED_FILES", 1)
    write(tmp_path, "data/a.csv", "data/b.csv")

    (problem,) = content.upload_problems(PEOPLE, tmp_path, "upload them")

    assert (problem.code, problem.field) == ("dataset.too-many-files", "source")
    assert problem.message == "`data/*.csv` matches 2 files"
    assert (problem.rule, problem.remedy) == (
        "at most 1 files are uploaded with a declaration",
        "upload them",
    )


# --- code


def test_only_code_travels(tmp_path: Path) -> None:
    write(tmp_path, "train.py", "lib/features.py", "mlops.yaml", "Pulumi.dev.yaml", "Pulumi.yaml",
          "__main__.py", "README.md", ".env", ".git/config", "lib/__pycache__/x.pyc",
          "lib/__main__.py", "data/a.csv", "notes/x.txt", "lib/old/x.py", "x.egg-info/PKG",
          ".mlops-iac/dev/x", "env/pyvenv.cfg")  # fmt: skip
    (tmp_path / ".mlopsignore").write_text("# not code\nnotes/\nlib/old\n")

    found = code_files(job(), tmp_path, [PEOPLE])

    assert list(found) == ["lib/__main__.py", "lib/features.py", "train.py"]


def test_the_script_travels_whatever_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, "__main__.py", "Pulumi.yaml", "other.py")
    (tmp_path / ".mlopsignore").write_text("*.py\n")

    assert list(code_files(job("__main__.py"), tmp_path, [])) == ["__main__.py"]


def test_a_job_from_an_image_has_no_code(tmp_path: Path) -> None:
    from_image = TrainingJob("fit", image=f"example.com/fit@sha256:{'a' * 64}", data="people")

    assert code_files(from_image, tmp_path, []) == {}
    assert content.code_digest(from_image, tmp_path, []) is None


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_CODE_BYTES", 1), ("MAX_CODE_FILES", 1), ("MAX_CODE_FILES", 0)]
)
def test_a_huge_folder_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(content, limit, value)
    write(tmp_path, "train.py", "weights")

    (problem,) = code_problems(job(), tmp_path, [])

    assert (problem.code, problem.field, problem.value) == ("job.code", "script", "train.py")
    assert ".mlopsignore" in problem.remedy


@pytest.mark.parametrize("script", ["none.py", "../train.py", "code"])
def test_a_script_that_is_no_file_of_the_project_is_refused(tmp_path: Path, script: str) -> None:
    write(tmp_path, "train.py", "project/code/train.py")

    with pytest.raises(ContentError, match="there is no script"):
        code_files(job(script), tmp_path / "project", [])


@pytest.mark.parametrize(
    ("link", "target", "message"),
    [
        ("code/passwords", "/etc/passwd", "`passwords` is a link that leads out of the project"),
        ("code/etc", "/etc", "`etc` is a link that leads out of the project"),
        ("code/lib", "..", "`lib` is a link to a folder"),
    ],
)
def test_a_link_that_cannot_travel_is_refused(
    tmp_path: Path, link: str, target: str, message: str
) -> None:
    write(tmp_path, "code/train.py")
    (tmp_path / link).symlink_to(target)

    with pytest.raises(ContentError, match=re.escape(message)):
        code_files(job("code/train.py"), tmp_path, [])
    (tmp_path / "code/.mlopsignore").write_text(Path(link).name)
    assert list(code_files(job("code/train.py"), tmp_path, [])) == ["train.py"]


def test_a_link_to_a_file_of_the_project_travels_as_that_file(tmp_path: Path) -> None:
    write(tmp_path, "code/train.py", "lib/shared.py")
    (tmp_path / "code/shared.py").symlink_to("../lib/shared.py")

    assert list(code_files(job("code/train.py"), tmp_path, [])) == ["shared.py", "train.py"]


@pytest.mark.parametrize("source", ["data/*.csv", "people.csv"])
def test_data_that_is_linked_into_the_project_is_no_code(tmp_path: Path, source: str) -> None:
    store = write(tmp_path / "store", "a.csv")
    project = write(tmp_path / "project", "train.py")
    (project / "data").symlink_to(store)
    (project / "people.csv").symlink_to(store / "a.csv")
    people = Dataset("people", source=source)
    others = [Dataset("folder", source="data"), Dataset("file", source="people.csv")]

    assert len(data_files(source, project)) == 1
    assert list(code_files(job(), project, [people, *others])) == ["train.py"]


# --- run keys


def facts(folder: Path, declared: TrainingJob) -> dict[str, Any]:
    return run_facts(declared, folder, {"people": PEOPLE, "fit": declared})


@pytest.mark.parametrize(
    "change",
    [
        {"script": "other.py"},
        {"data": {"renamed": "people"}},
        {"hyperparameters": {"depth": 4}},
        {"environment": {"LEVEL": "debug"}},
        {"environment": {"LEVEL": {"secret": "level"}}},
        {"framework": "xgboost"},
        {"requirements": "requirements.txt"},
        {"metrics": ("auc",)},
        {"model": "late"},
    ],
)
def test_what_a_run_depends_on_makes_a_new_run(tmp_path: Path, change: dict[str, Any]) -> None:
    write(tmp_path, "train.py", "other.py", "requirements.txt", "data/a.csv")
    fields = {"script": "train.py", "data": "people", **change}

    assert facts(tmp_path, TrainingJob("fit", **fields)) != facts(tmp_path, job())


@pytest.mark.parametrize(
    "change", [{"timeout": "2h"}, {"compute": {"cpu": 4}}, {"run": "manual"}, {"spot": {}}]
)
def test_how_a_run_goes_makes_no_new_run(tmp_path: Path, change: dict[str, Any]) -> None:
    write(tmp_path, "train.py", "data/a.csv")

    assert facts(tmp_path, job(**change)) == facts(tmp_path, job())


def test_changed_data_and_code_make_a_new_run(tmp_path: Path) -> None:
    seen = []
    for name in ("train.py", "data/a.csv", "lib.py"):
        write(tmp_path, "train.py", "data/a.csv")
        write(tmp_path, name, text="changed")
        seen.append(facts(tmp_path, job()))

    assert len({str(found) for found in seen}) == 3


def test_the_four_targets_name_the_same_files_alike(tmp_path: Path) -> None:
    write(tmp_path, "train.py", "lib/features.py", "data/a.csv", "data/more/b.csv", "README.md")
    people = Dataset("people", source="data/**/*.csv", format="csv")
    stack = Stack("shop", platform=Platform("platform"), components=(people, job()))

    document = plan_document(Declaration(stack, tmp_path), TARGETS)

    data = content.dataset_version(people, tmp_path)
    code = content.code_digest(job(), tmp_path, [people])
    assert code is not None
    for target in TARGETS:
        planned = document["targets"][target]
        assert [p for p in planned["problems"] if p["severity"] == "error"] == []
        text = str(planned["resources"])
        assert data in text, target
        assert code in text, target
