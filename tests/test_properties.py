"""A customer's own names and values: what is let in, and how it is told."""

import pytest

from resolvers.contents import differences
from resolvers.faults import Faults
from schema.scalars import parse_properties

LET_IN = [
    {},
    {"season": "2027"},
    {"n" * 64: "v" * 500},
    {str(n): "" for n in range(50)},
]
REFUSED = [
    ("a text", "season"),
    ("a list", [{"season": "2027"}]),
    ("a number", {"season": 2027}),
    ("null", {"season": None}),
    ("an object", {"season": {"of": "2027"}}),
    ("no name", {"": "2027"}),
    ("a long name", {"n" * 65: "2027"}),
    ("a long value", {"season": "v" * 501}),
    ("too many", {str(n): "" for n in range(51)}),
]


@pytest.mark.parametrize("value", LET_IN)
def test_names_with_texts_are_let_in_as_they_are(value):
    assert parse_properties(value) == value


@pytest.mark.parametrize(("_case", "value"), REFUSED)
def test_anything_else_is_refused(_case, value):
    with pytest.raises(ValueError, match=r"propert|Propert"):
        parse_properties(value)


def test_a_customers_names_are_told_as_they_were_sent():
    """`po_line` is not ours to spell, and a property called `reference` may be a long one."""
    [one] = differences({"properties": {"po_line": "1"}}, {"properties": {"po_line": "2"}})
    faults = Faults()
    faults.texts({"properties": {"reference": "x" * 500}, "items": [{"properties": {}}]})

    assert (one.path, one.stored) == (("input", "properties"), '{"po_line":"1"}')
    assert faults.errors == []
