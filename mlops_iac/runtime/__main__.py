"""Entry point of the runtime image: `python -m mlops_iac.runtime train|process|serve [ARGUMENT…]`.

SageMaker starts every image with the one argument `train` or `serve`; on the other platforms the
command names the part itself.
"""

import sys
from collections.abc import Sequence

from mlops_iac.runtime import collector


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the part that the first argument names, return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    match given[:1]:
        case ["train"]:
            from mlops_iac.runtime.train import main as train

            return train(given[1:])
        case ["process"]:
            from mlops_iac.runtime.process import main as process

            return process(given[1:])
        case ["serve"]:
            from mlops_iac.runtime.serve import main as serve

            return serve()
        case _:
            sys.stderr.write("the first argument is none of `train`, `process`, `serve`\n")
            return 2


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
