"""Screening: what to read next, when to stop, and whether reviewers agree.

Only :mod:`~osler.records.screening.features` and what imports it need scikit-learn.
"""
