"""The wording check: the rules of docs/wording.md that a program can check."""
