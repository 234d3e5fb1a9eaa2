"""The model in service, and its replacement without a gap."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.runtime.compiled.errors import NotCompilableError
from mlops_iac.runtime.compiled.model import CompiledModel, compile_model
from mlops_iac.runtime.compiled.rows import RowReader, can_read
from mlops_iac.runtime.model import LoadedModel, load_model
from mlops_iac.runtime.server.deployment import Deployment

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A loaded model with the deployment that asked for it."""

    deployment: Deployment
    model: LoadedModel
    reader: RowReader | None = None
    """Reads the usual bodies quickly; `None` for a model of other than words and numbers."""
    compiled: CompiledModel | None = None
    """The same predictions without data frames; `None` for a model that no table covers."""


@dataclass(kw_only=True)
class ModelHost:
    """Holds what is served; a new deployment is loaded aside and then takes its place."""

    source: Callable[[], Deployment | None]
    """Reads what is to be served; `None` while there is nothing."""
    serving: Serving | None = None
    error: str | None = None
    """Why the newest deployment is not in service; the one before it is kept."""
    _refused: Deployment | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # One worker: numpy and sklearn are no faster for two threads on one model.
    _predicting: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="predict")
    )

    async def refresh(self, *, retry: bool = False) -> None:
        """Serve what the source asks for; `retry` tries a refused deployment again."""
        async with self._lock:
            try:
                wanted = await asyncio.to_thread(self.source)
                if wanted is None or self._is_settled(wanted, retry=retry):
                    return
                self._refused = wanted
                serving = await asyncio.to_thread(load, wanted)
            except Exception as error:  # noqa: BLE001 -- told by the status, and the old model stays
                if self.error != str(error):
                    _LOG.error("deployment refused", extra={"error": str(error)})
                self.error = str(error)
                return
            self.serving, self.error, self._refused = serving, None, None
            _LOG.info("serving", extra={"version": wanted.version, "digest": wanted.digest})

    async def run(self, work: Callable[[], Any]) -> Any:
        """Return the result of `work`, done in the predicting thread."""
        return await asyncio.get_running_loop().run_in_executor(self._predicting, work)

    def close(self) -> None:
        """Stop the predicting thread."""
        self._predicting.shutdown(wait=True)

    def _is_settled(self, wanted: Deployment, *, retry: bool) -> bool:
        if self.serving is not None and self.serving.deployment == wanted:
            self.error = None
            self._refused = None
            return True
        return wanted == self._refused and not retry


def load(deployment: Deployment) -> Serving:
    """Return the model of `deployment`, loaded, and compiled where a table covers it.

    Raises:
        ModelRefusedError: see `load_model`.
    """
    model = load_model(
        deployment.fetch(), digest=deployment.digest, trust_pickle=deployment.trust_pickle
    )
    reader = RowReader(model.signature) if can_read(model.signature) else None
    compiled = _compiled(model, reader) if reader else None
    return Serving(deployment=deployment, model=model, reader=reader, compiled=compiled)


def _compiled(model: LoadedModel, reader: RowReader) -> CompiledModel | None:
    if model.estimator is None:
        return None
    try:
        return compile_model(model.estimator, model.function, reader, model.predict)
    except NotCompilableError as error:
        _LOG.info("predicting by data frames", extra={"reason": str(error)})
    except Exception:  # noqa: BLE001 -- logged whole
        # It reads what libraries keep private; the plain way, which needs none of that, is there.
        _LOG.exception("predicting by data frames")
    return None
