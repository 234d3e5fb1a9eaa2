"""Retraining policies on AWS: what is remembered, what is seen of the world, what is done.

The decisions are `mlops_iac.runtime.policy`'s. Any event only wakes the executor: it looks at the
world itself, so an event that is lost, doubled or late changes nothing but the moment.
"""
