"""The `azure` target: Azure Machine Learning."""
