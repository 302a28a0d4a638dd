"""Apex in an org: queries, the classes of an org, and what compiling needs."""
