"""Readers' comments: written, confirmed, held, shown."""
