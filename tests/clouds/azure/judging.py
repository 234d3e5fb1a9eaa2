"""Requests judged before anything sees them."""

from tests.clouds.azure.calls import Call


def judge(call: Call) -> None:
    """Refuse a request that breaks its description (to come)."""
    del call
