"""Atomic, audited actions on apps, users, and Apex classes."""
