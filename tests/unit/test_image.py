"""What images are built from: the wheel of what is installed, and a lock that fits the tests'."""

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mlops_iac import image
from mlops_iac.errors import ProviderError
from mlops_iac.installer import pip_install
from tools.lock_image import LOCK, PYTHON, wanted

ROOT = Path(__file__).parents[2]
PACKAGES = ("mlops_iac", "mlops_iac_aws")


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def _built() -> Path:
    context = image.runtime_context(PACKAGES)
    (name,) = [name for name in context if name.endswith(".whl")]
    return context[name]


def _pins(lock: Path) -> set[tuple[str, str]]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    return {(canonicalize_name(name), version) for name, version in found}


def test_the_wheel_of_one_content_has_one_hash_whenever_it_is_written() -> None:
    first = _built()
    before = hashlib.sha256(first.read_bytes()).hexdigest()
    first.unlink()

    assert hashlib.sha256(_built().read_bytes()).hexdigest() == before


def test_the_wheel_holds_the_runtime_with_its_package_data_and_no_caches() -> None:
    names = zipfile.ZipFile(_built()).namelist()

    assert {"mlops_iac/runtime/__main__.py", "mlops_iac/image/requirements.lock"} <= {*names}
    assert not [name for name in names if "__pycache__" in name]


@pytest.mark.slow
def test_pip_installs_the_wheel_without_network_and_the_entry_point_starts(tmp_path: Path) -> None:
    target = tmp_path / "site"
    options = ["--offline", "--no-deps", "--target", target]
    subprocess.run([*pip_install(sys.executable), *options, _built()], check=True)
    program = (
        f"import sys; sys.path.insert(0, {str(target)!r})\n"
        "from mlops_iac.runtime.__main__ import main\n"
        "import mlops_iac, mlops_iac_aws.session\n"
        "assert main(['nothing']) == 2\n"
        "assert not {'pulumi', 'pydantic', 'boto3'} & {*sys.modules}, sys.modules\n"
        "print(mlops_iac.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == str(target / "mlops_iac" / "__init__.py"), done.stderr


def test_a_package_that_is_no_folder_of_files_is_refused_with_a_remedy() -> None:
    with pytest.raises(ProviderError, match="runtime_image"):
        image.runtime_sources(("this",))


def test_the_images_lock_has_all_that_the_runtime_needs_at_the_versions_that_are_tested() -> None:
    locked, tested = _pins(LOCK), _pins(ROOT / "requirements.lock")
    named = {canonicalize_name(Requirement(text).name) for text in wanted()}
    also_tested = {name for name, _ in tested}

    assert named <= {name for name, _ in locked}
    assert {pin for pin in locked - tested if pin[0] in also_tested} == set()


def test_every_pin_of_the_images_lock_has_a_hash_and_the_base_a_digest() -> None:
    blocks = re.split(r"\n(?=\S)", LOCK.read_text().strip())

    assert all("--hash=sha256:" in block for block in blocks)
    dockerfile = (LOCK.parent / "Dockerfile").read_text()
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", dockerfile, re.MULTILINE)
    assert f"/python:{PYTHON}-slim@" in dockerfile


def test_a_jobs_own_image_is_decided_by_its_requirements(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("lightgbm==4.6.0\n")

    context = image.job_context(requirements)

    assert context["requirements.txt"] == requirements
    assert context["Dockerfile"].read_text().startswith("# A job's own image")
