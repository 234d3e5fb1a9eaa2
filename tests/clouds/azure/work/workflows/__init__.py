"""Runs of Logic Apps: an interpreter of the part of the language that the stack writes."""
