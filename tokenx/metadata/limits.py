"""Limits of metadata files and packages, most of them Salesforce's own.

See docs/salesforce/product.md, Deployment limits.
"""

MAX_ZIP_SIZE = 39 * 1024 * 1024
MAX_ZIP_SIZE_TEXT = f"{MAX_ZIP_SIZE:,} bytes (39 MB)"
MAX_UNPACKED_SIZE = 600 * 1024 * 1024
MAX_UNPACKED_SIZE_TEXT = f"{MAX_UNPACKED_SIZE:,} bytes (600 MB)"
MAX_FILES = 10_000
# The unpacked size of all manifests together.
MAX_MANIFESTS_SIZE = 5 * 1024 * 1024
# The characters of a text, and the bytes of a tag.
MAX_TEXT = 1_000_000
MAX_TAG = 1_000_000
# How many problems of a file or package are reported together.
MAX_PROBLEMS = 100
