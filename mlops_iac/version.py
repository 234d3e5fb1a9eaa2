"""The version of the distribution, of its plugin, and where the plugin comes from."""

VERSION = "0.1.0"
"""Version of the distribution; `pyproject.toml` holds the same, and a test compares them."""

PLUGIN_DOWNLOAD_URL = "https://mlops-iac.invalid/run-this-first/mlops-iac-plugin-install"
"""Carried by every resource of ours: an address that never resolves (RFC 6761) and that tells the
remedy, so that an engine without the plugin never falls through to somebody else's release page.
"""
