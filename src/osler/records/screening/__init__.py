"""Screening: what to read next, when to stop, and whether reviewers agree."""
