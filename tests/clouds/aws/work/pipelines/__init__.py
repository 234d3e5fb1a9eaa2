"""Executions of SageMaker pipelines: the JSON definition, interpreted."""
