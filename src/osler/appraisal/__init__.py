"""Reasons to doubt: risk of bias and small-study effects."""
