"""A shop in the test cloud of a test's `target`. Not a test."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.providers.azure_and_gcp.loop import Loop
from tests.providers.azure_and_gcp.shop import Shop

Clouds = Callable[[str], tuple[Any, Any]]


def of_each(*names: str, **values: Sequence[Any]) -> pytest.MarkDecorator:
    """Parametrize a test by values that are a cloud's own, as `azure=[...], gcp=[...]`."""
    cases = [
        (target, *(value if len(names) > 1 else (value,)))
        for target, some in values.items()
        for value in some
    ]
    return pytest.mark.parametrize(("target", *names), cases)


def world(target: str, kind: str = "serving") -> ModuleType:
    """Return what a cloud's tests of a kind are written with."""
    return import_module(f"tests.providers.{target}.{kind}.world")


@pytest.fixture(scope="module")
def clouds() -> Iterator[Clouds]:
    """Start a cloud, with containers, when a test first asks for it; it runs for the module."""
    with ExitStack() as stack:

        @cache
        def started(target: str) -> tuple[Any, Any]:
            containers = world(target).Brittle()
            running = import_module(f"tests.clouds.{target}.running")
            return stack.enter_context(running.cloud_here(work=containers)), containers

        yield started


@pytest.fixture
def shop(target: str, clouds: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    cloud, containers = clouds(target)
    cloud.reset()
    cloud.control("pace", operations=1)
    kind = world(target).Shop
    kind.point(cloud, monkeypatch)
    return kind(cloud, containers, tmp_path)


@pytest.fixture
def loop(target: str, shop: Shop) -> Loop:
    return world(target, "loop").Loop(shop)


@pytest.fixture
def answers(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the cloud's monitoring tell how a version has answered: `answers(well=98, badly=2)`."""
    health, told = shop.adapter.health, list[Any]()
    real = health._series

    def series(*asked: Any) -> list[Any]:
        assert real(*asked) == []
        return told

    monkeypatch.setattr(health, "_series", series)
    return lambda **counts: told.extend(shop.answered(**counts))
