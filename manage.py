#!/usr/bin/env python3
"""The command line of a checkout; an installed package has `tokenx` for it."""

from tokenx.__main__ import main

if __name__ == "__main__":
    main()
