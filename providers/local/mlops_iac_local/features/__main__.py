"""`python -m mlops_iac_local.features TASK FOLDER`: one task of the feature store, as a child."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.content import folder_files
from mlops_iac.errors import MlopsError
from mlops_iac_local import store
from mlops_iac_local.features.children import read_request, write_answer
from mlops_iac_local.features.group import Group, history_file, stored_group, write_group
from mlops_iac_local.layout import Layout
from mlops_iac_local.processes import die_with_parent


def main() -> int:
    """Do the task that the command line names; errors that have a remedy are its answer."""
    os.umask(0o077)
    die_with_parent(signal.SIGKILL)
    task, place = sys.argv[1:]
    folder = Path(place)
    request = read_request(folder)
    layout = Layout(Path(request.pop("root")))
    try:
        answer = _TASKS[task](layout, request)
    except MlopsError as error:
        answer = {"error": error.message, "remedy": error.remedy}
    write_answer(folder, answer)
    return 0


def _write(layout: Layout, request: Mapping[str, Any]) -> dict[str, Any]:
    from mlops_iac_local.features.history import write_history

    group = Group(**request["group"])
    files = folder_files(store.data(layout, group.data))
    made = write_history(group, files, history_file(layout, group.name), _now())
    write_group(layout, made)
    return {"rows": made.rows}


def _join(layout: Layout, request: Mapping[str, Any]) -> dict[str, Any]:
    from mlops_iac_local.features.joining import join

    groups = [stored_group(layout, name) for name in request["groups"]]
    return join(layout, request["digest"], groups)


def _register(layout: Layout, request: Mapping[str, Any]) -> dict[str, Any]:
    del request
    from mlops_iac_local.features.registering import register

    register(layout, _now())
    return {}


def _now() -> int:
    return time.time_ns() // 1000


_TASKS: Mapping[str, Callable[[Layout, Mapping[str, Any]], dict[str, Any]]] = {
    "write": _write,
    "join": _join,
    "register": _register,
}

if __name__ == "__main__":
    sys.exit(main())
