"""Marked statements against what a folder holds: one module for each kind of evidence."""
