"""Serverless endpoints: a service of Cloud Run, whose revisions are the versions.

A revision is immutable and is named by role, version and content, so what runs is read from names
alone. Traffic is split by revision, never to `latest`: a new revision begins without any. A
revision without traffic runs nowhere and costs nothing, so none is removed.
"""
