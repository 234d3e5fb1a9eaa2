"""The reference pages that are read out of the code."""
