"""The `aws` provider: the five kinds on SageMaker."""
