"""Checks of captured traffic: is what comes in, and what goes out, still what was learned?

`python -m mlops_iac.runtime.monitor` is one check. Who starts it says in the task which captured
rows are new (`ledger.py`), what is served, and where the baseline lies; `report.json` has the
verdict with its reasons, `report.html` is Evidently's page for people.
"""
