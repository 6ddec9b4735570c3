"""Do the parts of a folder agree: identifiers, names, links, and numbers in prose?

Most of the mistakes that were found in an open living review of sciatica were of this kind: one
PubMed number pasted for three other trials, a register link that searches for another illness,
one drug called by another's name, a number typed that was computed otherwise.
"""

from osler.claims.consistency.folder import check_folder
from osler.claims.consistency.page import check_consistency

__all__ = ["check_consistency", "check_folder"]
