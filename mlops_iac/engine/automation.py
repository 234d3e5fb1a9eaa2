"""Drive the Pulumi engine with a program of this process: preview, up, refresh, destroy."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi.automation import (
    LocalWorkspaceOptions,
    ProjectSettings,
    Stack,
    create_or_select_stack,
)
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from mlops_iac.engine.backend import environment, private_path, state_folder
from mlops_iac.engine.cli import ensure_pulumi
from mlops_iac.engine.command import Command
from mlops_iac.engine.errors import EngineError, EngineInterruptedError, LockedError
from mlops_iac.engine.events import EventStream, OnEvent
from mlops_iac.engine.failures import failure
from mlops_iac.engine.files import FILE_MODE
from mlops_iac.engine.leftovers import is_generated, remove_private_folder
from mlops_iac.engine.locks import release_dead_locks

Program = Callable[[], None]
_Operation = Callable[[EventStream], object]
_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


@dataclass(frozen=True)
class OutputValue:
    """One output of the stack; a secret never prints."""

    value: Any = field(repr=False)
    secret: bool = False

    def __str__(self) -> str:
        return "[secret]" if self.secret else str(self.value)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What one operation did."""

    changes: Mapping[str, int]
    """Number of resources by operation, such as `create`, `same` or `delete`."""
    outputs: Mapping[str, OutputValue]
    """Outputs of the stack after the operation; none after a preview."""
    seconds: float
    """Wall clock of the whole operation."""

    @property
    def changed(self) -> int:
        """Number of resources that were, or after a preview would be, touched."""
        return sum(count for op, count in self.changes.items() if op != "same")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One stack of one project, and the program that declares it.

    The project's own `Pulumi.yaml` is used when there is one; otherwise a private one is kept
    under `.mlops-iac/workspace`. Signals that end a program (SIGINT, SIGTERM) cancel the engine
    gracefully; then `EngineInterruptedError` is raised and the stack is unlocked.
    """

    project: str
    """Name of the Pulumi project."""
    stack: str
    """Name of the stack, without organization and project."""
    project_dir: Path
    program: Program
    """Declares the resources; runs in this process."""
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    """Plain configuration to set before each operation; secrets do not belong here."""
    on_event: OnEvent | None = None
    """Called for each step and message, from a thread of the engine's."""
    progress: Callable[[str], None] = lambda _line: None
    """Called with lines about getting the Pulumi CLI."""

    def preview(self) -> Summary:
        """Say what `up` would do; changes nothing."""
        return self._run(lambda events: self._pulumi.preview(on_event=events), outputs=False)

    def up(self) -> Summary:
        """Make the resources what the program declares."""
        return self._run(lambda events: self._pulumi.up(on_event=events, show_secrets=False))

    def refresh(self, *, targets: Sequence[str] = ()) -> Summary:
        """Make the state what the providers read; of these URNs alone, when some are given."""
        only = list(targets) or None
        return self._run(
            lambda events: self._pulumi.refresh(on_event=events, show_secrets=False, target=only)
        )

    def destroy(self, *, exclude_protected: bool = False) -> Summary:
        """Remove all resources, except protected ones when `exclude_protected` is set."""
        return self._run(
            lambda events: self._pulumi.destroy(
                on_event=events, show_secrets=False, exclude_protected=exclude_protected
            )
        )

    def outputs(self) -> Mapping[str, OutputValue]:
        """Return the outputs of the last operation."""
        found = self._guarded(lambda _events: self._pulumi.outputs(), EventStream())
        return {name: OutputValue(item.value, item.secret) for name, item in found.items()}

    def export(self) -> Mapping[str, Any]:
        """Return the state document with its secrets encrypted."""
        return json.loads(self.call("stack", "export", "--stack", self.stack))

    def call(self, *args: str, text: str | None = None) -> str:
        """Run another `pulumi` command in this project and return its standard output."""
        command, folder = self._command, str(self._work_dir)
        result = command.call(list(args), folder, self._environment, text=text)
        if result.code != 0:
            raise failure(result.stderr or result.stdout, [], None)
        return result.stdout

    def remove_empty(self) -> None:
        """Forget a stack that holds nothing any more; on our local back end, without a trace.

        Configuration that the user wrote stays; history goes with the stack, as Pulumi has it.
        """
        if (self.export().get("deployment") or {}).get("resources"):
            return
        settings = self._work_dir / f"Pulumi.{self.stack}.yaml"
        keeps = settings.is_file() and not is_generated(settings)
        self.call(
            "stack", "rm", "--yes", "--stack", self.stack, *(["--preserve-config"] if keeps else [])
        )
        remove_private_folder(self.project_dir, self._work_dir)

    def prepare(self) -> None:
        """Make project and stack when they are missing, and set the configuration."""
        self._guarded(lambda _events: self._pulumi, EventStream())

    @cached_property
    def _captured(self) -> list[BaseException]:
        return []

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return environment(self.project_dir)

    @cached_property
    def _command(self) -> Command:
        return ensure_pulumi(self.progress)

    @cached_property
    def _work_dir(self) -> Path:
        """Return the folder of `Pulumi.yaml`: the user's, else a private one."""
        if any((self.project_dir / name).exists() for name in _PROJECT_FILES):
            return self.project_dir.resolve()
        folder = private_path(self.project_dir) / "workspace"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    @cached_property
    def _pulumi(self) -> Stack:
        own = self._work_dir != self.project_dir.resolve()
        settings = ProjectSettings(name=self.project, runtime="python") if own else None
        options = LocalWorkspaceOptions(
            work_dir=str(self._work_dir),
            env_vars=self._environment,
            pulumi_command=self._command,
            project_settings=settings,
        )
        stack = create_or_select_stack(
            self.stack, project_name=self.project, program=self._capture, opts=options
        )
        if own:
            # Pulumi's class writes it under this process's umask.
            (self._work_dir / "Pulumi.yaml").chmod(FILE_MODE)
        for key, value in self._stale_config(stack):
            # By the command line: it keeps the comments of a file that the user wrote.
            self.call("config", "set", "--stack", self.stack, "--plaintext", key, "--", value)
        return stack

    def _stale_config(self, stack: Stack) -> list[tuple[str, str]]:
        if not self.config:
            return []
        try:
            present = stack.workspace.stack_settings(self.stack).config or {}
        except FileNotFoundError:
            present = {}
        return [item for item in self.config.items() if str(present.get(item[0])) != item[1]]

    def _capture(self) -> None:
        """Run the program and keep what it raised, before the engine makes text of it."""
        try:
            self.program()
        except Exception as error:
            self._captured.append(error)
            raise

    def _run(self, operation: _Operation, *, outputs: bool = True) -> Summary:
        began = time.monotonic()
        events = EventStream(self.on_event)
        self._captured.clear()
        self._guarded(operation, events)
        if events.failure is not None:
            raise events.failure
        return Summary(
            changes=events.changes,
            outputs=self.outputs() if outputs else {},
            seconds=round(time.monotonic() - began, 3),
        )

    def _guarded(self, operation: Callable[[EventStream], Any], events: EventStream) -> Any:
        """Run `operation`; a failed command becomes the error that it means."""
        before = self._command.signals
        try:
            return operation(events)
        except CommandError as error:
            if self._command.signals > before:
                raise self._interrupted() from error
            raise self._meaning(error, events) from error

    def _meaning(self, error: CommandError, events: EventStream) -> EngineError:
        if isinstance(error, ConcurrentUpdateError):
            return LockedError(
                _locked_by(str(error)),
                remedy="wait for the other run to end; if it was killed, run `mlops-iac recover`",
            )
        program = self._captured[0] if self._captured else None
        return failure(_stderr(str(error)), events.errors, program)

    def _interrupted(self) -> EngineError:
        # A second signal ends the CLI at once and leaves its lock; its owner is dead by now.
        if (folder := state_folder(self.project_dir)) is not None:
            with suppress(EngineError):
                release_dead_locks(folder, self.project, self.stack)
        return EngineInterruptedError(
            "interrupted; what was finished is recorded", remedy="run the same command again"
        )


def _stderr(text: str) -> str:
    """Return the standard error inside the text of Pulumi's `CommandError`."""
    return text.rsplit("\n stderr: ", 1)[-1].strip()


def _locked_by(text: str) -> str:
    owner = re.search(r"created by (\S+) \(pid (\d+)\) at (\S+)", text)
    who = f" by process {owner[2]} of {owner[1]} since {owner[3]}" if owner else ""
    return f"the stack is locked{who}"
