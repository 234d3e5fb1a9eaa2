"""Runs of pipelines: the order of runs that are keyed and durable by themselves, and the gates.

A run of a pipeline is a run like any other, of `python -m mlops_iac_local.pipelines`. What it is
of is settled when it is started (`present.py`): the data as it is now, the champion, the steps'
keys. So the same run started again after a death goes on where it was: what is finished is
adopted by key.
"""
