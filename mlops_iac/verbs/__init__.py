"""The run-time verbs, as far as they are the same on every cloud.

A cloud brings a site (`site`): where its stack is, and its modules as ports (`ports`).
"""
