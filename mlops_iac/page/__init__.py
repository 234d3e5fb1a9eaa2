"""The page: what a stack did, as one HTML file that loads nothing else."""

from mlops_iac.page.rendering import render, write

__all__ = ["render", "write"]
