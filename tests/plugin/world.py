"""What the engine tests share: the fake provider's program parts and its traces."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from mlops_iac._registration import PlatformProvider
from mlops_iac.custom import register
from tests.support.engine import Engine
from tests.support.fake_provider import LOCATION

OUTPUTS = {
    "Thing": ("address", "token", "url"),
    "Slow": ("phase",),
    "Faulty": (),
    "Versioned": (),
}

Make = Callable[..., pulumi.CustomResource]


def provider(root: Path | str, name: str = "here") -> PlatformProvider:
    """Register the explicit provider of one world."""
    return PlatformProvider(name, {"root": str(root)}, pulumi.ResourceOptions())


def make(kind: str, name: str, where: PlatformProvider, /, **inputs: Any) -> pulumi.CustomResource:
    """Register a resource of the fake provider."""
    options = inputs.pop("opts", None) or pulumi.ResourceOptions()
    opts = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(provider=where))
    return register(f"mlops-iac:test:{kind}", name, inputs, outputs=OUTPUTS[kind], opts=opts)


@dataclass
class World:
    """The outside that the fake provider changes."""

    root: Path

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        path = self.root / "events.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def happened(self) -> list[str]:
        """Return `name event` of all that happened, in order."""
        return [f"{each['name']} {each['event']}" for each in self.events]

    @property
    def objects(self) -> list[str]:
        return sorted(path.stem for path in self.root.glob("world/*.json"))

    @property
    def journals(self) -> list[Path]:
        return list(self.root.glob("journal/*"))


def world_of(engine: Engine) -> World:
    """Return an empty world whose handlers the engine's plugin serves."""
    root = engine.folder / "root"
    root.mkdir()
    engine.extra["MLOPS_IAC_HANDLERS"] = LOCATION
    return World(root)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
