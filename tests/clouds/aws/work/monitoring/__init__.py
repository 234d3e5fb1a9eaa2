"""Executions of Model Monitor's schedules, with a container of one's own."""
