"""Feature groups on Azure: what fills them, what joins them, what reads them by key.

A history is a Parquet file in the stack's store, and a version of a data asset; the newest values
of each entity are rows of a table of Table Storage. Azure ML's own feature store materialises with
Spark alone and serves from Redis: see decision 0017.
"""
