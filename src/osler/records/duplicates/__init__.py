"""Which records are the same one: merged with the reason, to be looked at, kept apart.

:func:`osler.records.duplicates.finding.find_duplicates` finds them,
:func:`osler.records.duplicates.merging.merge` makes one record of a group, and
:mod:`osler.records.duplicates.model` has what both give. Only finding needs rapidfuzz.
"""
