"""LaTeX in BibTeX values as plain text, and plain text as LaTeX that reads back the same."""

import re
import unicodedata

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "r": "\u030a", "c": "\u0327",
    "k": "\u0328", "d": "\u0323", "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ",
    "aa": "å", "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
    "S": "§", "P": "¶", "copyright": "©", "pounds": "£", "euro": "€", "textendash": "–",
    "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘", "textquotedblleft": "“",
    "textquotedblright": "”", "textregistered": "®", "texttrademark": "™", "textdegree": "°",
    "textmu": "µ", "textbackslash": "\\", "backslash": "\\", "textasciitilde": "~",
    "textasciicircum": "^", "textunderscore": "_", "textless": "<", "textgreater": ">",
    "textbar": "|", "textbraceleft": "{", "textbraceright": "}", "ldots": "...", "dots": "...",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "pm": "±", "times": "×", "leq": "≤", "geq": "≥",
    "le": "≤", "ge": "≥", "neq": "≠", "approx": "≈", "sim": "∼", "degree": "°", "cdot": "·",
    "rightarrow": "→", "infty": "∞", "circ": "°", "quad": " ", "qquad": " ",
}  # fmt: skip
_SUPER = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUB = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")

_ACCENTED = re.compile(
    r"\\([`'^~\"=.])\s*(?:\{\s*(\\?[A-Za-z]?)\s*\}|(\\[ij](?![A-Za-z])|[A-Za-z]))"
    r"|\\([uvHrckdb])(?:\s*\{\s*(\\?[A-Za-z]?)\s*\}|\s+(\\[ij](?![A-Za-z])|[A-Za-z]))"
)
_NAMED = re.compile(r"\\([A-Za-z]+)(?:\s*\{\}|\s+|(?![A-Za-z]))")
_MATH = re.compile(r"(?<!\\)\$([^$\n]{1,200}?)(?<!\\)\$")
_RAISED = re.compile(r"([\^_])(?:\{([0-9+=()n-]{1,8})\}|([0-9+]))")
_ESCAPED = re.compile(r"\\([&%$#_{}])")
_SPACES = re.compile(r"(?<!\\)~|\\(?:[ ,;:!>]|\\)")
_HELD = {"{": "\ue000", "}": "\ue001", "$": "\ue002", "~": "\ue003", "\\": "\ue004"}


def from_latex(text: str) -> str:
    r"""Plain text: accents, letters and signs as themselves, braces and commands taken away.

    Examples
    --------
    >>> from_latex(r"Universit{\"{a}}t {FB} \& Ba{\'n}ka {\L}ukasz"), from_latex("$H_2O$ 5\\%")
    ('Universität FB & Bańka Łukasz', 'H₂O 5%')
    """
    if "\\" in text or "$" in text:
        text = _ACCENTED.sub(_accented, text)
        text = _MATH.sub(_math, text)
        text = _ESCAPED.sub(lambda m: _HELD.get(m[1], m[1]), text)
        text = _SPACES.sub(" ", text)
        text = _NAMED.sub(_named, text)
    else:
        text = text.replace("~", " ")
    if "--" in text:
        text = text.replace("---", "—").replace("--", "–")
    if "``" in text or "''" in text:
        text = text.replace("``", "“").replace("''", "”")
    text = text.replace("{", "").replace("}", "")
    for sign, held in _HELD.items():
        text = text.replace(held, sign)
    return text


def _accented(match: re.Match[str]) -> str:
    accent = match[1] or match[4]
    letter = (match[2] or match[3] or match[5] or match[6] or "").lstrip("\\")
    if not letter:
        return _HELD.get(accent, accent)
    return unicodedata.normalize("NFC", letter + _ACCENTS[accent])


def _math(match: re.Match[str]) -> str:
    return _RAISED.sub(_raised, match[1])


def _raised(match: re.Match[str]) -> str:
    return (match[2] or match[3]).translate(_SUPER if match[1] == "^" else _SUB)


def _named(match: re.Match[str]) -> str:
    letter = _LETTERS.get(match[1], "")
    return _HELD.get(letter, letter)


_TO_ESCAPE = re.compile(r"[\\{}$&%#_~^]")
_RUNS = re.compile(r"([-`'])(?=\1)")  # that TeX would join to a dash or a quotation mark
_WRITTEN = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def to_latex(text: str) -> str:
    r"""Text in which only LaTeX's own signs are escaped; letters stay as they are (UTF-8).

    Examples
    --------
    >>> to_latex("5% of {x} & y_1"), from_latex(to_latex("5% of {x} & y_1 ~ a\\b"))
    ('5\\% of \\{x\\} \\& y\\_1', '5% of {x} & y_1 ~ a\\b')
    """
    escaped = _TO_ESCAPE.sub(lambda m: _WRITTEN.get(m[0], "\\" + m[0]), text)
    return _RUNS.sub(r"\1{}", escaped)
