"""Monitors on Google Cloud: what a check reads, leaves and tells, and the truth that comes late."""
