"""The kit that ships with the product: record what a program registers, and judge it."""

from mlops_iac.recording import SECRET, UNKNOWN, Recording, Registration, record

__all__ = ["SECRET", "UNKNOWN", "Recording", "Registration", "record"]
