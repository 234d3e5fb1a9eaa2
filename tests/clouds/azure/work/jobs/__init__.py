"""Jobs of a workspace: commands, sweeps, pipelines."""
