"""The review folder: what is asked, and what the trials reported."""
