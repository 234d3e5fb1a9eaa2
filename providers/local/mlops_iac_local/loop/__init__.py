"""The loop: one small process per stack that runs schedules and drives retraining policies."""
