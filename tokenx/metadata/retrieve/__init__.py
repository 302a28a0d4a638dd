"""Retrieval: an org's components as files."""
