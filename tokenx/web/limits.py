"""Size limits of requests and of data in memory."""

# The largest request body: a zip file of 39 MB as base64 with line breaks has 56 MB.
MAX_BODY = 64 * 1024 * 1024
# Larger temporary files are on disk.
IN_MEMORY = 1024 * 1024
# How much of a stream is read at a time.
CHUNK = 64 * 1024
