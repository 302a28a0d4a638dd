"""The Setup pages around the handlers: apps, users, Apex classes, and the org's health.

Its own package because these pages show and check what handlers use them for, which
tokenx.org does not know. docs/decisions/setup-pages.md
"""
