"""Numbers of any size leave a table within its width."""

import pytest

from osler.core.wording import number, significant


@pytest.mark.parametrize("value", [1e-300, -1e-300, 1e12, -1e300, 5e-324, 123456789.123])
def test_no_number_is_wider_than_sixteen_characters(value: float) -> None:
    assert len(significant(value)) <= 16
    assert len(number(value, 2)) <= 16


def test_what_people_meet_is_written_out() -> None:
    assert significant(0.00000042) == "0.000000420"
    assert number(12_345_678.9, 1) == "12\u202f345\u202f678.9"
    assert number(1.5e15, 2) == "1.5e+15"
    assert number(-1.5e15, 2) == "\u22121.5e+15"
