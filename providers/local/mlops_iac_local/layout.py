"""Where everything of one stack lies: one private folder beside the declaration."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlops_iac_local.files import make_folder

STATE_FOLDER = ".mlops-iac"
"""Folder beside the declaration that holds what this package makes."""

RESERVED_STACKS = frozenset({"passphrase", "pulumi", "workspace"})
"""Names in `STATE_FOLDER` that belong to the engine."""

# sockaddr_un.sun_path holds 108 bytes with its final zero on Linux, 104 on macOS (man 7 unix);
# supervisord appends up to 12 characters while it binds.
MAX_SOCKET_PATH = 90


@dataclass(frozen=True)
class Layout:
    """The folders of one stack under its root."""

    root: Path

    @classmethod
    def of(cls, project_dir: Path, stack: str) -> "Layout":
        """Return the layout of a stack of the project in `project_dir`."""
        return cls(project_dir.resolve() / STATE_FOLDER / stack)

    @property
    def owner(self) -> Path:
        """Ownership mark of the whole."""
        return self.root / "owner.json"

    @property
    def database(self) -> Path:
        """MLflow's database: tracking and registry."""
        return self.root / "tracking" / "mlflow.db"

    @property
    def tracking_uri(self) -> str:
        """MLflow tracking and registry URI."""
        return f"sqlite:///{self.database}"

    @property
    def artifacts(self) -> Path:
        """What runs log to MLflow."""
        return self.root / "artifacts"

    @property
    def store(self) -> Path:
        """Data, code and models by their digest."""
        return self.root / "store"

    @property
    def temporary(self) -> Path:
        """Half-made things on the same file system, renamed when they are whole."""
        return self.root / "tmp"

    def dataset(self, name: str) -> Path:
        """Folder of a dataset."""
        return self.root / "datasets" / name

    def job(self, name: str) -> Path:
        """Folder of a training definition."""
        return self.root / "jobs" / name

    @property
    def runs(self) -> Path:
        """Folders of all runs, by key and attempt."""
        return self.root / "runs"

    def model(self, name: str) -> Path:
        """Folder of a registered model's policy."""
        return self.root / "models" / name

    def tracker(self, name: str) -> Path:
        """Folder of an experiment's description and its server."""
        return self.root / "trackers" / name

    @property
    def endpoints(self) -> Path:
        """Folders of all endpoints."""
        return self.root / "endpoints"

    def endpoint(self, name: str) -> Path:
        """Folder of an endpoint."""
        return self.endpoints / name

    @property
    def environments(self) -> Path:
        """Python environments by the hash of their requirements."""
        return self.root / "environments"

    @property
    def supervisor(self) -> Path:
        """The supervisor's configuration, logs and process number."""
        return self.root / "supervisor"

    @property
    def socket(self) -> Path:
        """The supervisor's socket: in its folder, or in a short one when the path is too long."""
        path = self.supervisor / "control.sock"
        return path if len(os.fsencode(path)) <= MAX_SOCKET_PATH else self.short / "control.sock"

    @property
    def short(self) -> Path:
        """Private folder with a short path, for the socket."""
        mark = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"mlops-iac-{os.getuid()}-{mark}"

    def lock(self, name: str) -> Path:
        """Lock file of one subject, such as `registry`."""
        return self.root / "locks" / f"{name}.lock"

    def make(self) -> None:
        """Make the folders that every stack has."""
        for folder in (self.root, self.database.parent, self.artifacts, self.store, self.runs,
                       self.endpoints, self.temporary):  # fmt: skip
            make_folder(folder)
