"""Feature groups as files: a history that is checked and typed, and the join that reads it.

The same on every target: a history is one Parquet file of one version of a group, and what a row
of data is joined to is decided here and nowhere else.
"""
