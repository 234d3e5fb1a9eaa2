"""Monitors on SageMaker: what a check reads, judges and leaves, and how one is started."""
