"""The run-time verbs on AWS, by subject; `mlops_iac_aws.operations` puts them together."""
