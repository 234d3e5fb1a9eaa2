"""The Pulumi engine: its CLI, back ends, operations and recovery.

Import from the modules: `cli.ensure_pulumi`, `backend.environment`, `automation.Engine`,
`recover.recover`. This package itself imports nothing, so that the command line starts fast.
"""
