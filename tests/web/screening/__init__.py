"""Screening in the browser."""
