"""The text of metadata files: reading, writing, and errors with line and column."""
