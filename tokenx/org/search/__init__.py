"""Search of users and apps: rules, indexes, and lookups."""
