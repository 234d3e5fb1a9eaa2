"""Endpoints without a machine of their own: a container app, whose revisions are the versions.

A revision is immutable and is named by role, version and content, so what runs is read from names
alone. Traffic is split by revision: a new one begins without any. A revision without traffic has no
replica and costs nothing; the last one that was served stays active, so that going back to it takes
one request.
"""
