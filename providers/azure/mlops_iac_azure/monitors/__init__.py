"""Monitors on Azure: what a check reads, leaves and tells."""
