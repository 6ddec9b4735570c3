"""Statements on a page, read from their words and judged against the evidence."""
