"""The run-time verbs on Azure, by REST: one module per subject."""
