"""Proves that models which could run code are refused, and that nothing of them ran.

Every payload would touch a file when unpickled; its absence is the proof.
"""

import bz2
import gzip
import io
import lzma
import pickle
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mlops_iac.runtime import load_model, tree_digest
from mlops_iac.runtime.errors import ModelRefusedError


class Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", "{}")
        archive.writestr(name, content)
    return buffer.getvalue()


def object_array(content: bytes) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([content, None], dtype=object), allow_pickle=True)
    return buffer.getvalue()


DRESSES: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda p: p,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda p: lzma.compress(p, format=lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zstandard": lambda p: b"\x28\xb5\x2f\xfd" + p,
    "torch": lambda p: zipped("archive/data.pkl", p),
    "zip": lambda p: zipped("weights", p),
    "zip in zip": lambda p: zipped("weights", zipped("x", p)),
    "numpy": object_array,
    "keras h5": lambda p: b"\x89HDF\r\n\x1a\n" + p,
    "keras lambda": lambda _: zipped("config.json", b'{"class_name": "Lambda"}'),
}


@pytest.mark.parametrize("protocol", [0, 2, 5])
@pytest.mark.parametrize("dress", sorted(DRESSES))
@pytest.mark.parametrize("name", ["model.skops", "input_example.json", "extra.bin"])
def test_a_pickle_in_any_dress_is_refused(
    models: Path, tmp_path: Path, dress: str, protocol: int, name: str
) -> None:
    witness, model = tmp_path / "ran", tmp_path / "model"
    shutil.copytree(models / "sklearn", model)
    (model / name).write_bytes(DRESSES[dress](pickle.dumps(Touch(witness), protocol)))

    with pytest.raises(ModelRefusedError, match="the model is refused"):
        load_model(model, digest=tree_digest(model))
    assert not witness.exists()


@pytest.mark.parametrize(
    ("flavor", "change"),
    [
        ("python_function", {"loader_module": "evil"}),
        ("python_function", {"code": "code"}),
        ("python_function", {"code": "../outside"}),
        ("python_function", {"model_code_path": "/etc/x.py"}),
        ("python_function", {"predict_fn": "__reduce__"}),
        ("python_function", {"model_path": "../model.skops"}),
        ("sklearn", {"serialization_format": "cloudpickle"}),
        ("sklearn", {"skops_trusted_types": ["os.system"]}),
        ("sklearn", {"pickled_model": "/etc/passwd"}),
    ],
)
def test_an_odd_mlmodel_is_refused(
    models: Path, tmp_path: Path, flavor: str, change: dict[str, Any]
) -> None:
    model = tmp_path / "model"
    shutil.copytree(models / "sklearn", model)
    document = yaml.safe_load((model / "MLmodel").read_text())
    document["flavors"][flavor].update(change)
    (model / "MLmodel").write_text(yaml.safe_dump(document))

    with pytest.raises(ModelRefusedError, match="the model is refused"):
        load_model(model, digest=tree_digest(model))


def test_another_digest_and_a_link_are_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelRefusedError, match="was asked for"):
        load_model(models / "sklearn", digest="sha256:" + "0" * 64)
    model = tmp_path / "model"
    shutil.copytree(models / "sklearn", model)
    (model / "conda.yaml").unlink()
    (model / "conda.yaml").symlink_to("/etc/passwd")
    with pytest.raises(ModelRefusedError, match="link"):
        load_model(model, digest="sha256:" + "0" * 64)


def pickled(models: Path, target: Path, payload: Any) -> Path:
    shutil.copytree(models / "sklearn", target)
    (target / "model.skops").unlink()
    (target / "model.pkl").write_bytes(pickle.dumps(payload))
    document = yaml.safe_load((target / "MLmodel").read_text())
    document["flavors"]["sklearn"].update(
        pickled_model="model.pkl", serialization_format="pickle", skops_trusted_types=None
    )
    document["flavors"]["python_function"]["model_path"] = "model.pkl"
    (target / "MLmodel").write_text(yaml.safe_dump(document))
    return target


def test_a_trusted_pickle_is_loaded_and_only_by_its_digest(models: Path, tmp_path: Path) -> None:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression().fit(pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0]}), [0, 1])
    model = pickled(models, tmp_path / "model", fitted)
    digest = tree_digest(model)

    with pytest.raises(ModelRefusedError, match="the model is refused"):
        load_model(model, digest=digest)
    loaded = load_model(model, digest=digest, trust_pickle=True)
    assert loaded.serialization == "pickle"
    assert list(loaded.predict(pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0]}))) == [0, 1]
    with pytest.raises(ModelRefusedError, match="was asked for"):
        load_model(model, digest="sha256:" + "0" * 64, trust_pickle=True)


def test_trust_does_not_extend_to_foreign_loaders_or_other_files(
    models: Path, tmp_path: Path
) -> None:
    witness = tmp_path / "ran"
    model = pickled(models, tmp_path / "model", Touch(witness))
    asked = tree_digest(model)
    (model / "model.pkl").write_bytes(pickle.dumps([Touch(witness)]))
    with pytest.raises(ModelRefusedError, match="was asked for"):
        load_model(model, digest=asked, trust_pickle=True)

    document = yaml.safe_load((model / "MLmodel").read_text())
    document["flavors"]["python_function"]["loader_module"] = "evil"
    (model / "MLmodel").write_text(yaml.safe_dump(document))
    with pytest.raises(ModelRefusedError, match="not MLflow's"):
        load_model(model, digest=tree_digest(model), trust_pickle=True)
    assert not witness.exists()
