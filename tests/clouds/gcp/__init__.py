"""A test cloud that plays one project of Google Cloud; README.md says how it is used."""

from pathlib import Path

README = Path(__file__).parent / "README.md"
