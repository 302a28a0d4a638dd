#!/usr/bin/env python3
"""The command line of a checkout; an installed package has `tokenx` for it."""

import sys

try:
    import django  # noqa: F401  (tells whether it's installed)
except ImportError:
    sys.exit(
        "Django isn't installed for this Python. Run `python3 -m venv .venv` and "
        "`.venv/bin/pip install -e .`, and start `.venv/bin/python manage.py`."
    )

from tokenx.__main__ import main

if __name__ == "__main__":
    main()
