"""Feature groups on this machine: Feast's files, written and read without loading Feast.

Feast's import takes seconds and 200 MB. So only its registry is left to it, in a process of its
own; the history is a Parquet file that its duckdb store reads, the newest values lie in its
sqlite store, and tests hold what is read here against Feast's own answers.
"""
