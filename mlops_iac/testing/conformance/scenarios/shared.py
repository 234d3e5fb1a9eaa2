"""Fields that scenarios of several kinds declare."""

ACCELERATED = {"compute": {"cpu": 4, "memory_gb": 16, "accelerator": {"kind": "t4"}}}
"""One of the accelerators that most targets rent out."""
SECRET = {"environment": {"PASSWORD": {"secret": "kit-password"}, "MODE": "fast"}}
"""A secret of the target's own store beside a plain variable."""
CRON = {"cron": "0 3 * * 1", "timezone": "Europe/Berlin"}
EVERY = {"every": "2h"}
