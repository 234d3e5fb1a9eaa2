"""Monitors of this machine: which rows and which truth a check is of, and what checks have said."""
