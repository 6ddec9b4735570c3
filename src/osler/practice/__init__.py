"""The clinic's own audit: what it counted, and what it cannot tell."""
