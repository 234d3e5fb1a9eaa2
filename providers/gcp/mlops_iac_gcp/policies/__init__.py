"""Retraining policies on Google Cloud: what is remembered, what is seen, what is done.

The decisions and their executor are `mlops_iac.runtime.policy`'s. Any event only wakes the
executor: it looks at the world itself, so an event that is lost, doubled or late changes nothing
but the moment.
"""
