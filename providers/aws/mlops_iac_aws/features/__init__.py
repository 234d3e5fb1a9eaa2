"""Feature groups on SageMaker: what fills them, what joins them, what reads them by key.

What runs inside containers stands on the standard library, boto3 and `mlops_iac.runtime` alone.
"""
