"""Slow simulations of what the intervals promise; see README.md. Not part of the tests."""
