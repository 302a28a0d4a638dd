"""Packages: archives, folders, manifests, and their components."""
