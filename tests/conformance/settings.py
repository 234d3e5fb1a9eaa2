"""Where our own providers keep what the kit looks at. Not a test."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "mappings"
"""Folder of the mapping pages, one folder per target."""

LOST = "test_a_changed_field_changes_the_plan_or_is_refused"
"""The test of *no silent loss*."""
