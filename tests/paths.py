"""Paths that tests need, wherever they are in the tree."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
