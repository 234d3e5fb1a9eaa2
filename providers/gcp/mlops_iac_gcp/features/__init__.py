"""Feature groups on BigQuery and Vertex AI: what fills them, what joins them, what reads them.

A history is a table of BigQuery, which Vertex AI's feature registry knows; the newest values of
each entity are a view of it, which an online store of Bigtable is synchronised with. Trainings
read the history as the Parquet file that the table was loaded from.
"""
