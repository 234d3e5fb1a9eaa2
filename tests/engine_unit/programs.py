"""Tiny programs that need no plugin; as a script, an `up` that blocks until it is killed."""

import sys
import threading
from pathlib import Path

import pulumi

SECRET = "correct-horse-battery-staple"


class Part(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("test:index:Part", name)
        self.register_outputs({})


def small() -> None:
    Part("a")
    pulumi.export("answer", 42)
    pulumi.export("password", pulumi.Output.secret(SECRET))


def main() -> None:
    from mlops_iac.engine.automation import Engine
    from mlops_iac.engine.errors import EngineError

    project_dir, seconds = Path(sys.argv[1]), float(sys.argv[2])

    def blocked() -> None:
        Part("a")
        sys.stdout.write("blocked\n")
        sys.stdout.flush()
        threading.Event().wait(seconds)

    try:
        Engine(project="demo", stack="dev", project_dir=project_dir, program=blocked).up()
    except EngineError as error:
        sys.stdout.write(f"{error.code}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
