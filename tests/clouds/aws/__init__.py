"""The AWS test cloud: a moto server, what moto lacks, and work executed as local processes."""

from pathlib import Path

README = Path(__file__).with_name("README.md")
"""What it is, its control routes, and the table of what it adds to moto."""
