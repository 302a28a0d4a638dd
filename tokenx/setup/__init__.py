"""Setup pages other than handlers: home, health, audit trail, apps, users, Apex classes.

These pages show how handlers use an org's contents, which tokenx.org doesn't know. See
docs/decisions/setup-pages.md.
"""
