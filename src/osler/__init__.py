"""Osler: from trial data to a checked health page."""
