"""Work on Azure that goes on in containers; see `python -m mlops_iac_azure.work`."""
