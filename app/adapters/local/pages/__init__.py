"""Bytes into pages, words and geometry, in a child process that can do little else (see confine.py)."""
