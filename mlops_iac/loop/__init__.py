"""The loop of monitors and retraining policies, as far as it is the same on every cloud.

A cloud brings ports: its documents (`kept`), its traffic (`preparing`), its runs (`retraining`),
its registry and its endpoints (`world`). What is decided is `mlops_iac.runtime`'s.
"""
