"""Screening records in the browser, alone or as a team."""
