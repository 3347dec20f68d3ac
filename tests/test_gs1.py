"""Check digits of barcodes, pallets and places."""

import pytest
from biip import ParseError
from biip.gln import Gln
from biip.gtin import Gtin
from biip.sscc import Sscc

from resolvers.faults import Faults
from resolvers.gs1 import check_gln, check_gtin, check_sscc

GTINS = ["95012346", "614141007349", "9501101531000", "19300601001238", "00000095012346"]
SSCC = "157035381410375177"
GLN = "9501101020016"


def told(check, value) -> list[tuple[str, tuple[str, ...], str]]:
    faults = Faults()
    check(faults, value, "units", 2, "bar_code")
    return [(one.code, one.path, one.message) for one in faults.errors]


@pytest.mark.parametrize(
    ("check", "parse", "value"),
    [
        *((check_gtin, Gtin.parse, value) for value in GTINS),
        (check_sscc, Sscc.parse, SSCC),
        (check_gln, Gln.parse, GLN),
    ],
)
def test_only_the_right_last_digit_passes(check, parse, value):
    """All ten are tried, and a parser of GS1's own agrees about each."""
    for digit in "0123456789":
        other = value[:-1] + digit
        found = told(check, other)

        if digit == value[-1]:
            assert found == []
            parse(other)
        else:
            [(code, path, message)] = found
            assert (code, path) == ("INVALID", ("input", "units", "2", "barCode"))
            assert f"`{other}` would end with {value[-1]}" in message
            with pytest.raises(ParseError):
                parse(other)


@pytest.mark.parametrize(
    "value", [None, "", "1234567", "123456789", "TEA-500", "9501234 ", "\uff19" * 8]
)
def test_a_barcode_of_the_customers_own_is_let_through(value):
    assert told(check_gtin, value) == []


@pytest.mark.parametrize("check", [check_sscc, check_gln])
def test_what_cannot_be_one_is_refused(check):
    """Also digits that are not of ASCII: Python takes them for digits, scanners do not."""
    for value in (
        "",
        "12",
        "00157035381410375177",
        "15703538141037517X",
        "\uff19" * 18,
        "\uff19" * 13,
    ):
        [(code, _, message)] = told(check, value)

        assert code == "INVALID"
        assert "digits" in message
    assert told(check, None) == []
