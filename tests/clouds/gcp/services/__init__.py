"""One module for what is special about each service."""
