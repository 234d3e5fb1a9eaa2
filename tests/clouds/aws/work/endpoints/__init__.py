"""Endpoints: model servers as processes, the calls of them, and the traffic that is kept."""
