"""Retraining policies on Azure: what is seen, and what is done.

The decisions and their executor are `mlops_iac.runtime.policy`'s, and `mlops_iac.loop`'s is how a
cloud is seen. Any event only wakes the executor: it looks at the world itself, so an event that is
lost, doubled or late changes nothing but the moment.
"""
