"""Certainty of network estimates."""
