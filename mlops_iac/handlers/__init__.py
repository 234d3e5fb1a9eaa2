"""Handlers of custom resources that several providers have: each names what differs."""
