"""Entry point of Azure's own work: `python -m mlops_iac_azure.work VERB [ARGUMENT…]`.

Each verb is a module of this package with `main(arguments) -> int`.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from mlops_iac.errors import MlopsError

VERBS: Mapping[str, str] = {
    "choose": "mlops_iac_azure.work.choose",
    "collect": "mlops_iac_azure.work.collect",
    "deploy": "mlops_iac_azure.work.deploy",
    "fill": "mlops_iac_azure.work.fill",
    "job": "mlops_iac_azure.work.job",
    "join": "mlops_iac.runtime.features.mounted",
    "monitor": "mlops_iac_azure.work.monitor",
    "policy": "mlops_iac_azure.work.policy",
    "register": "mlops_iac_azure.work.register",
    "serve": "mlops_iac_azure.work.serve",
}
"""Module of each verb, loaded when it is asked for."""


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
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
