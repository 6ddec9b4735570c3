"""Which module draws results: named once, by the package itself, the one place above all layers.

Results lie far below the figures and never import them.
"""

_ROOM: list[str] = []


def drawn_by(module: str) -> None:
    """Name the module that draws: ``figures_of(result)``, and a function for each figure."""
    _ROOM[:] = [module]


def drawing_room() -> str:
    """The module that was named; empty where none was."""
    return _ROOM[0] if _ROOM else ""
