"""Practice orgs: start, reset, expiry, and removal."""
