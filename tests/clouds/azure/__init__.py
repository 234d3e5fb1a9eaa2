"""A test cloud that plays one subscription of Azure; README.md says how it is used."""

from pathlib import Path

README = Path(__file__).parent / "README.md"
