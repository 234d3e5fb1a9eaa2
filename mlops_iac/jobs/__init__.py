"""Jobs as pipelines whose runs have keys: what the adapters of clouds have in common.

What a job is, what its steps are told and where its data lies is the same everywhere; how a step
becomes a service's own is the provider's.
"""
