"""Which version of a model a run works with."""

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_iac_gcp.registry import APPROVED, CHAMPION, Listed


def wanted(known: Sequence[Listed], wish: Mapping[str, Any]) -> Listed | None:
    """Return the approved version that a wish names: pinned, or by alias.

    As long as no version is the champion, it is the first that was approved; not where the wish
    says that there may be none, as of a champion that a candidate is compared with.

    Args:
        known: versions of the model, newest first.
        wish: as `documents.registered` makes it.
    """
    fit = [item for item in known if item.status == APPROVED]
    if wish.get("version") is not None:
        return next((item for item in fit if item.number == int(wish["version"])), None)
    named = [item for item in known if wish["alias"] in item.aliases]
    if named or wish["alias"] != CHAMPION:
        return next((item for item in named if item.status == APPROVED), None)
    return fit[-1] if fit and not wish.get("may_lack") else None
