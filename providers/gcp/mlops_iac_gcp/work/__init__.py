"""Work on Google Cloud that goes on in containers; see `python -m mlops_iac_gcp.work`."""
