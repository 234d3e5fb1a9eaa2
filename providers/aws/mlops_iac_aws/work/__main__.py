"""Entry point of AWS's own work: `python -m mlops_iac_aws.work VERB [ARGUMENT…]`.

Each verb is a module of this package with `main(arguments) -> int`.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from mlops_iac.errors import MlopsError
from mlops_iac.runtime.conventions import root_of

VERBS: Mapping[str, str] = {
    "deploy": "mlops_iac_aws.work.deploy",
    "fill": "mlops_iac_aws.work.fill",
    "join": "mlops_iac_aws.work.join",
    "monitor": "mlops_iac_aws.work.monitor",
    "policy": "mlops_iac_aws.work.policy",
}
"""Module of each verb, loaded when it is asked for."""
EXIT_MESSAGE = "opt/ml/output/message"
"""File whose text a processing job shows as its `ExitMessage`."""
MESSAGE_LIMIT = 1024
"""botocore sagemaker `ExitMessage`."""


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument names; return the exit code, 2 for an unknown verb."""
    verb, *rest = arguments or ("",)
    if verb not in VERBS:
        sys.stderr.write(f"there is no work `{verb}`: known are {', '.join(sorted(VERBS))}\n")
        return 2
    try:
        return import_module(VERBS[verb]).main(rest)
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        _leave(error)
        return error.exit_code


def _leave(error: MlopsError) -> None:
    """Leave the reason where SageMaker looks for it."""
    message = root_of(os.environ) / EXIT_MESSAGE
    if message.parent.is_dir():
        message.write_text(str(error)[:MESSAGE_LIMIT], encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
