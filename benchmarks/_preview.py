"""How long `pulumi preview` of the reference stack takes on a cloud beside one hand-written file.

The file holds the same resources, spelled with the official SDKs and nothing of ours. Both are
previewed by the same engine, language host and (stand-in) plugins, in turns. Prints
`NAME_preview ratio=… ours=… other=… unit=s`: medians. `--quick` takes fewer.
"""

import json
import keyword
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlops_iac.plugin.install import install
from tests.support.engine import REPOSITORY, TOOLS, Engine, make_engine

RUNS, QUICK_RUNS = 7, 3
COMMAND = str(Path(sys.executable).parent / "mlops-iac")
STACK = REPOSITORY / "stacks" / "reference"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What differs from cloud to cloud."""

    name: str
    """Target, stack of the reference project, and folder of the stand-ins."""
    imports: str
    """Lines that import the official SDKs."""
    arguments: frozenset[str]
    """Those of a provider that a person gives; the others are defaults of the SDK."""
    known: str
    """Type of the resource that stands for whatever a plan does not know."""
    output: str
    """An output of it."""


def measure(cloud: Cloud) -> None:
    """Measure both and print one line."""
    runs = QUICK_RUNS if "--quick" in sys.argv else RUNS
    with tempfile.TemporaryDirectory(prefix=f"{cloud.name}-preview-") as name:
        engine = installed(Path(name), cloud)
        folders = (ours(engine, cloud), hand_written(engine, cloud))
        counts = {preview(engine, folder)[1] for folder in folders}
        if len(counts) != 1:
            raise SystemExit(f"the programs declare {sorted(counts)} resources")
        pairs = [[preview(engine, folder)[0] for folder in folders] for _ in range(runs)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = f"ratio={mine / other:.2f}"
    print(f"{cloud.name}_preview {ratio} ours={mine:.3f} other={other:.3f} unit=s")


def installed(folder: Path, cloud: Cloud) -> Engine:
    """Return an engine with our plugin, the stand-ins on `PATH`, and a back end of its own."""
    engine = make_engine(folder, folder / "pulumi-home")
    plugins = REPOSITORY / "tests" / "clouds" / cloud.name / "plugins"
    engine.extra["PATH"] = f"{plugins}{os.pathsep}{engine.env['PATH']}"
    environment = {**os.environ, **engine.env}
    install(TOOLS / "bin" / "pulumi", folder=folder / "wrapper", environment=environment)
    return engine


def ours(engine: Engine, cloud: Cloud) -> Path:
    """Return a copy of the reference stack, set up for the cloud."""
    folder = engine.folder / "reference"
    private = shutil.ignore_patterns(".mlops-iac", "__pycache__")
    shutil.copytree(STACK, folder, ignore=private)
    run(engine, folder, "stack", "init", cloud.name)
    return folder


def hand_written(engine: Engine, cloud: Cloud) -> Path:
    """Return a project of one file with the same resources."""
    command = [COMMAND, "plan", "-f", str(engine.folder / "reference")]
    planned = subprocess.run(
        [*command, "-s", cloud.name, "--format", "json"], check=True, capture_output=True, text=True
    )
    resources = json.loads(planned.stdout)["targets"][cloud.name]["resources"]
    folder = engine.project(source(resources, cloud), name="reference-by-hand")
    run(engine, folder, "stack", "rm", "dev", "--yes")
    run(engine, folder, "stack", "init", cloud.name)
    return folder


def preview(engine: Engine, folder: Path) -> tuple[float, int]:
    """Return the seconds of one preview, and how many resources of providers it would create."""
    began = time.perf_counter()
    answer = run(engine, folder, "preview", "--json")
    took = time.perf_counter() - began
    steps = json.loads(answer)["steps"]
    own = ("mlops-iac:index:", "pulumi:pulumi:")
    return took, sum(not step["newState"]["type"].startswith(own) for step in steps)


def run(engine: Engine, folder: Path, *words: str) -> str:
    """Run the Pulumi CLI in a project and return what it prints."""
    done = engine.cli(*words, cwd=folder)
    if done.returncode:
        raise SystemExit(f"pulumi {' '.join(words)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def source(resources: list[Mapping[str, Any]], cloud: Cloud) -> str:
    """Return a program that declares the resources as a person would without us."""
    own = [r for r in resources if not r["type"].startswith("mlops-iac:index:")]
    providers = [r for r in own if r["type"].startswith("pulumi:providers:")]
    others = [r for r in own if r not in providers]
    # What a plan does not know comes from another resource; which one changes no cost.
    known = next(r for r in others if r["type"] == cloud.known)
    ordered = [*providers, known, *(r for r in others if r is not known)]
    unknown = f"{variable(known)}.{cloud.output}"
    lines = (statement(r, unknown, cloud.arguments) for r in ordered)
    return f"import pulumi\n{cloud.imports}\n\n" + "\n".join(lines)


def statement(resource: Mapping[str, Any], unknown: str, wanted: frozenset[str]) -> str:
    """Return the statement that declares one resource."""
    kind, name = resource["type"], resource["name"]
    package = kind.rpartition(":")[2] if kind.startswith("pulumi:") else kind.partition(":")[0]
    inputs = resource["inputs"]
    if package == "mlops-iac":
        made = "pulumi.ProviderResource" if kind.startswith("pulumi:") else "pulumi.CustomResource"
        token = package if kind.startswith("pulumi:") else kind
        arguments = [repr(token), repr(name), spelled(inputs, unknown)]
    else:
        made = class_of(kind)
        given = {k: v for k, v in inputs.items() if not kind.startswith("pulumi:") or k in wanted}
        arguments = [repr(name), *(argument(k, v, kind, unknown) for k, v in given.items())]
    if not kind.startswith("pulumi:"):
        arguments.append(f"opts=pulumi.ResourceOptions(provider={provider_of(package)})")
    return f"{variable(resource)} = {made}({', '.join(arguments)})"


def provider_of(package: str) -> str:
    """Return the name of the variable that holds a package's provider."""
    return f"provider_{package.replace('-', '_')}"


def variable(resource: Mapping[str, Any]) -> str:
    """Return the name of the variable that holds a resource."""
    if resource["type"].startswith("pulumi:providers:"):
        return provider_of(resource["type"].rpartition(":")[2])
    return f"r_{re.sub('[^a-z0-9]', '_', resource['name'].lower())}"


def class_of(kind: str) -> str:
    """Return the SDK's class of a type."""
    if kind.startswith("pulumi:providers:"):
        return f"{kind.rpartition(':')[2].replace('-', '_')}.Provider"
    package, module, name = kind.split(":")
    return f"{package.replace('-', '_')}.{module.partition('/')[0]}.{name}"


def argument(key: str, value: Any, kind: str, unknown: str) -> str:
    """Return one keyword argument; the nested configuration of a provider is JSON on the wire."""
    is_text = kind.startswith("pulumi:") and str(value)[:1] in "[{"
    return f"{snake(key)}={spelled(json.loads(value) if is_text else value, unknown)}"


def spelled(value: Any, unknown: str) -> str:
    """Return the Python expression of an input."""
    match value:
        case {"$unknown": True}:
            return unknown
        case {"$secret": True}:
            return "pulumi.Output.secret('{}')"
        case {"$special": kind}:
            return archived(kind, value, unknown)
        case dict():
            return "{" + ", ".join(pairs(value, unknown)) + "}"
        case list():
            return "[" + ", ".join(spelled(item, unknown) for item in value) + "]"
        case _:
            return repr(value)


def archived(kind: str, value: Mapping[str, Any], unknown: str) -> str:
    """Return the expression of a file, or of an archive of some."""
    if kind == "asset":
        return f"pulumi.FileAsset({value['path']!r})"
    return f"pulumi.AssetArchive({spelled(value['assets'], unknown)})"


def pairs(value: Mapping[str, Any], unknown: str) -> Iterator[str]:
    """Yield the items of an object."""
    for key, item in value.items():
        yield f"{key!r}: {spelled(item, unknown)}"


def snake(name: str) -> str:
    """Return an input's name as the SDK spells its argument."""
    spelling = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    taken = keyword.iskeyword(spelling) or spelling == "resource_name"
    return f"{spelling}_" if taken else spelling
