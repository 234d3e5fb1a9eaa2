"""Runs of searches: which hyperparameters are tried next, and the runs that try them.

A run of a search is a run of `python -m mlops_iac_local.search`; a trial is a run of the training
job with other values, under a key of its own. What is tried follows from the declaration and from
what earlier trials found, so a search that died and is started again asks for the same trials,
and finds those that had finished.
"""
