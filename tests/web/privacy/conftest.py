"""The same clinic and page as for comments."""

from tests.web.comments.conftest import _quiet, clinic, moderator, page

__all__ = ["_quiet", "clinic", "moderator", "page"]
