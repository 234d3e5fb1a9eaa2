"""What `mlops-iac init` writes: a small stack that really trains and serves."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from mlops_iac.discovery import provider
from mlops_iac.errors import MlopsError
from mlops_iac.stack import PROJECT_PATTERN

_MANIFEST = """\
# yaml-language-server: $schema=mlops.schema.json
name: {name}
platform: {{target: {target}}}
components:
  flowers: {{kind: Dataset, source: data/*.csv, format: csv}}
  train:   {{kind: TrainingJob, script: train.py, data: flowers, model: species}}
  species: {{kind: RegisteredModel}}
  classify: {{kind: ModelEndpoint, model: species@champion}}
"""

_PROGRAM = '''\
"""The same stack in Python; `pulumi up` and `mlops-iac up` both run it."""

from mlops_iac import Dataset, ModelEndpoint, Platform, RegisteredModel, Stack, TrainingJob

Stack(
    "{name}",
    platform=Platform(target="{target}"),
    components=[
        Dataset("flowers", source="data/*.csv", format="csv"),
        TrainingJob("train", script="train.py", data="flowers", model="species"),
        RegisteredModel("species"),
        ModelEndpoint("classify", model="species@champion"),
    ],
).build()
'''

_MANIFEST_PROGRAM = '''\
"""Runs `mlops.yaml` under plain `pulumi up`."""

from mlops_iac import Stack

Stack.from_file("mlops.yaml").build()
'''

_SCRIPT = '''\
"""Train a small classifier; the context knows where inputs and outputs are on every target."""

import pandas as pd
from mlops_iac.runtime import training_context
from sklearn.linear_model import LogisticRegression

context = training_context()
rows = pd.concat(pd.read_csv(path) for path in sorted(context.inputs["flowers"].glob("*.csv")))
features, label = rows.drop(columns="species"), rows["species"]
model = LogisticRegression(max_iter=500).fit(features, label)
context.log_metrics({{"accuracy": float(model.score(features, label))}})
context.log_model(model, example=features.head(3))
'''

_ROWS = """\
sepal_length,sepal_width,petal_length,petal_width,species
5.1,3.5,1.4,0.2,0
4.9,3.0,1.4,0.2,0
4.7,3.2,1.3,0.2,0
5.0,3.6,1.4,0.2,0
7.0,3.2,4.7,1.4,1
6.4,3.2,4.5,1.5,1
6.9,3.1,4.9,1.5,1
5.5,2.3,4.0,1.3,1
6.3,3.3,6.0,2.5,2
5.8,2.7,5.1,1.9,2
7.1,3.0,5.9,2.1,2
6.5,3.0,5.8,2.2,2
"""

_COMMON: Mapping[str, str] = {"train.py": _SCRIPT, "data/flowers.csv": _ROWS}

TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "yaml": {"mlops.yaml": _MANIFEST, "__main__.py": _MANIFEST_PROGRAM, **_COMMON},
    "python": {"__main__.py": _PROGRAM, **_COMMON},
}
"""Files of each template by name; `{name}` and `{target}` are filled in."""


def write_template(template: str, folder: Path, *, name: str, target: str) -> list[Path]:
    """Write a template and a `Pulumi.yaml`; refuse to overwrite anything.

    Raises:
        MlopsError: the template, name or target is unknown, or a file is there already.
    """
    if template not in TEMPLATES:
        raise MlopsError(f"no template `{template}`", remedy=f"one of {', '.join(TEMPLATES)}")
    if not re.fullmatch(PROJECT_PATTERN, name):
        raise MlopsError(
            f"`{name}` is no name for a stack",
            remedy="lower-case letters, digits and `-`, starting with a letter, at most 40",
        )
    provider(target)
    files = {path: _filled(text, name, target) for path, text in TEMPLATES[template].items()}
    files |= {path: make(name) for path, make in _GENERATED.items()}
    present = [path for path in files if (folder / path).exists()]
    if present:
        raise MlopsError(
            f"{', '.join(f'`{path}`' for path in present)} would be overwritten",
            remedy="name an empty folder",
        )
    return [_write(folder / path, text) for path, text in files.items()]


def _filled(text: str, name: str, target: str) -> str:
    return text.format(name=name, target=target)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _pulumi_project(name: str) -> str:
    import yaml

    from mlops_iac.plugin.install import plugin_entry

    return yaml.safe_dump(
        {
            "name": name,
            "runtime": {"name": "python"},
            "description": "MLOps stack by mlops-iac",
            "plugins": {"providers": [dict(plugin_entry())]},
        },
        sort_keys=False,
    )


def _schema(_: str) -> str:
    import json

    from mlops_iac.manifest import json_schema

    return json.dumps(json_schema(), indent=1) + "\n"


_GENERATED: Mapping[str, Callable[[str], str]] = {
    "Pulumi.yaml": _pulumi_project,
    "mlops.schema.json": _schema,
    ".gitignore": lambda _: ".mlops-iac/\n__pycache__/\n",
}
