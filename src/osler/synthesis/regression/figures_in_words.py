"""Numbers of a regression as a reader sees them."""

import math

from osler.core.wording import number


def figure(value: float) -> str:
    """Four decimals below 1, about four figures above; for coefficients and tests.

    Examples
    --------
    >>> figure(-0.02913), figure(12.2043), figure(0.0), figure(3.1e-9)
    ('−0.0291', '12.20', '0.0000', '3.1e−09')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if value and (size < 1e-5 or size >= 1e7):
        return f"{value:.2g}".replace("-", "−")
    if size < 1:
        return number(value, 4 if size >= 1e-3 or not value else 6)
    return number(value, 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0)


def wrapped(line: str, width: int = 96) -> list[str]:
    """A line broken at spaces, so that no part is longer than a terminal is wide.

    Examples
    --------
    >>> wrapped("one two three", 9)
    ['one two', '  three']
    """
    out = []
    while len(line) > width:
        cut = line.rfind(" ", 3, width + 1)
        if cut <= 0:
            break
        out.append(line[:cut])
        line = f"  {line[cut + 1 :]}"
    return [*out, line]
