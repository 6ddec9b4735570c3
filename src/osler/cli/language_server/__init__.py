"""``osler language-server``: what ``osler check`` says, in an editor while a page is written.

Text and folder -> :mod:`documents` (a page, its verdicts) -> :mod:`answers` (what the protocol
sends) -> :mod:`server` (the loop that talks to the editor). Only the last two need the extra
``lsp``, and only the last one keeps anything.
"""
