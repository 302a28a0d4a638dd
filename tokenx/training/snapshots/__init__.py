"""Snapshots: saved states of an org."""
