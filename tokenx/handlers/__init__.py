"""The Token Exchange Handlers pages: the reason the project exists."""
