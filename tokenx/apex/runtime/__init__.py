"""Runs Apex: docs/decisions/running-apex.md."""
