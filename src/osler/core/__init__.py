"""Diagnostics, tables and numbers: knows nothing of medicine."""
