"""Runs of every job kind: one definition, one key, one way to start, watch, stop and finish."""
