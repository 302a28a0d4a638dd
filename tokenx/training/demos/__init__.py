"""Demos: links to snapshots, the presenter bar, and the tour."""
