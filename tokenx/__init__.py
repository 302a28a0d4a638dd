"""A local training replica of the Setup pages for Token Exchange Handlers."""
