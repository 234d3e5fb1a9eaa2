"""Deployed models: a server process each."""
