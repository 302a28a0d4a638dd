"""Scenarios: known states that orgs are built from."""
