"""The mapping between an org's rows and metadata definitions."""
