"""`mlops-iac page` as a script sees it: streams, exit codes, the file.

Limit: a stack on which nothing has run; `tests/providers/local` reads a real one.
"""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from mlops_iac_local.files import write_json
from mlops_iac_local.layout import Layout
from typer.testing import CliRunner

from mlops_iac.cli.main import app
from mlops_iac.cli.project import Project
from tests.support.stack_records import whole_loop

MANIFEST = """\
name: flowers
platform: {target: local}
components:
  petals: {kind: Dataset, source: data/*.csv, format: csv}
"""


def page(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from mlops_iac.cli.main import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "page", "-f", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mlops.yaml").write_text(MANIFEST)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "petals.csv").write_text("length\n1\n")
    return tmp_path


def test_without_a_stack_it_fails_and_says_what_makes_one(project: Path) -> None:
    done = page(project)

    assert (done.returncode, done.stdout) == (1, "")
    assert "stack `dev` of `flowers` has no records here" in done.stderr
    assert "hint: `mlops-iac up -s dev` makes it" in done.stderr


def test_it_prints_where_the_page_is_and_the_data_only_when_asked(project: Path) -> None:
    layout = Layout.of(project, "dev")
    layout.make()
    write_json(layout.owner, {})

    data = page(project, "--json")
    assert json.loads(data.stdout)["version"] == 1
    assert not (layout.root / "page.html").exists()
    assert page(project).stdout == f"{layout.root / 'page.html'}\n"
    assert "<title>flowers · dev</title>" in (layout.root / "page.html").read_text()


def test_a_cloud_s_page_lies_beside_the_declaration(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = dataclasses.replace(whole_loop(), place="gs://flowers")
    verbs = SimpleNamespace(records=lambda: records)
    monkeypatch.setattr(Project, "operations", lambda _self: verbs)

    done = CliRunner().invoke(app, ["page", "-f", str(project), "-s", "prod"])

    assert done.output == f"{project / '.mlops-iac' / 'prod' / 'page.html'}\n"
    assert (project / ".mlops-iac" / "prod" / "page.html").is_file()
