"""Token errors: their causes, their repairs, and orgs in which they occur."""
