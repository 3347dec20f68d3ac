"""The numbers of GS1 on goods, pallets and places: whether their check digits are right.

A wrong digit is a typing error that would show up at the dock door, when nothing scans.
"""

import re

from biip.checksums import gs1_standard_check_digit

from models.words import UserErrorCode
from resolvers.contents import input_path
from resolvers.faults import Faults

GTIN = re.compile("[0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14}")
SSCC = re.compile("[0-9]{18}")
GLN = re.compile("[0-9]{13}")


def check_gtin(faults: Faults, value: str | None, *at: str | int) -> None:
    """A barcode that looks like a GTIN is one; customers have others of their own."""
    if value is not None and GTIN.fullmatch(value):
        _check_digit(faults, value, "a GTIN", *at)


def check_sscc(faults: Faults, value: str | None, *at: str | int) -> None:
    """The number of a pallet or a box is an SSCC, where it is given."""
    if value is None:
        return
    if SSCC.fullmatch(value):
        _check_digit(faults, value, "an SSCC", *at)
    else:
        _invalid(faults, "An SSCC has 18 digits, and nothing before or between them.", *at)


def check_gln(faults: Faults, value: str | None, *at: str | int) -> None:
    """The number of a place is a GLN, where it is given."""
    if value is None:
        return
    if GLN.fullmatch(value):
        _check_digit(faults, value, "a GLN", *at)
    else:
        _invalid(faults, "A GLN has 13 digits, and nothing before or between them.", *at)


def _check_digit(faults: Faults, value: str, kind: str, *at: str | int) -> None:
    right = gs1_standard_check_digit(value[:-1])
    if value[-1] != str(right):
        _invalid(faults, f"As {kind}, `{value}` would end with {right}: the check digit.", *at)


def _invalid(faults: Faults, message: str, *at: str | int) -> None:
    faults.add(UserErrorCode.INVALID, input_path(*at), message)
