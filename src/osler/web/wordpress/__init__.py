"""A WordPress export (WXR) as pages of a review folder, and its comments for the site.

Export -> :mod:`cleaning` (bytes that a parser may have) -> :mod:`parsing` (entries, one at a
time) -> :mod:`markup` (HTML to Markdown) -> :mod:`bringing` (files of the folder, and what could
not be brought). Nothing here needs Django but :mod:`into_site`, which puts comments into the
database.
"""
