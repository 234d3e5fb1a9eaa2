"""The version of the distribution, of its plugin, and where the plugin comes from."""

VERSION = "0.1.0"
"""Version of the distribution; `pyproject.toml` holds the same, and a test compares them."""

PLUGIN_DOWNLOAD_URL = "remedy: run `mlops-iac plugin install`"
"""Carried by every resource of ours, and shown by an engine that lacks the plugin.

Its scheme is one that Pulumi cannot download from: the engine asks no name server, no proxy and no
public release page, and its message ends with the remedy (tested in `tests/plugin/test_ways.py`).
"""
