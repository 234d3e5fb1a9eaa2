"""The run-time verbs on Google Cloud, by REST: one module per subject."""
