"""Clean text from what exports hold."""

import pytest

from osler.records.cleaning import abstract_of, plain


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\n  b\t c", "a b c"),
        ("<i>In vitro</i> H<sub>2</sub>O", "In vitro H2O"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<jats:p>One</jats:p>", "One"),
        ("p < 0.05 and n > 30", "p < 0.05 and n > 30"),
        ("AT&amp;amp;T R&D", "AT&T R&D"),
        ("caf&eacute; &#8211; &#x3b1;", "café – α"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen zero\u200bwidth no\u00a0break", "softhyphen zerowidth no break"),
        ("bad\x00\x07 \ud800", "bad \ufffd"),
    ],
)
def test_text_is_cleaned(text: str, clean: str) -> None:
    assert plain(text) == clean


def test_an_abstract_that_says_there_is_none_is_empty() -> None:
    assert abstract_of("[No abstract available]") == abstract_of("NA") == ""
    assert abstract_of("None of the trials was blinded.") == "None of the trials was blinded."
