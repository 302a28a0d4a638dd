"""The server of `demo` and `serve`: waitress, with limits and an orderly end."""
