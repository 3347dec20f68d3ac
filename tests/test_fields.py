"""Columns of our own: instants and quantities."""

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise import Model, fields

from models import database
from models.database import Dialect
from models.fields import Instant, Quantity, from_millionths, to_millionths

NAIVE = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - what is to be refused
LARGEST = Decimal("9223372036854.775807")


class Measure(Model):
    """A quantity at an instant."""

    id = fields.UUIDField(primary_key=True, default=uuid4)
    quantity = Quantity()
    spare = Quantity(null=True)
    made_at = Instant(auto_now_add=True)
    changed_at = Instant(auto_now=True)

    class Meta:
        table = "measures"


@pytest.fixture
async def connected(engine_url: str) -> AsyncIterator[Dialect]:
    await database.connect(engine_url, tables=[__name__])
    dialect = database.dialect()
    instant = "text" if dialect is Dialect.SQLITE else "timestamptz"
    id = "text" if dialect is Dialect.SQLITE else "uuid"
    await database.execute(
        f"CREATE TABLE measures (id {id} PRIMARY KEY, quantity bigint NOT NULL, spare bigint,"
        f" made_at {instant} NOT NULL, changed_at {instant} NOT NULL)"
    )
    yield dialect
    await database.disconnect()


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("text", ["0", "12.5", "0.000001", "-3", "100", str(LARGEST)])
async def test_a_quantity_comes_back_as_it_went_and_is_stored_in_millionths(text: str) -> None:
    quantity = Decimal(text)
    await Measure.create(quantity=quantity)

    found = await Measure.get(quantity=quantity)

    assert found.quantity == quantity
    assert str(found.quantity) == text
    assert found.spare is None
    assert await Measure.all().values_list("quantity", flat=True) == [quantity]
    [[stored]] = await database.rows("SELECT quantity FROM measures")
    assert stored == int(quantity.scaleb(6))


@pytest.mark.usefixtures("connected")
async def test_quantities_compare_as_numbers() -> None:
    """As SQLite's text, 9 is more than 10."""
    await Measure.create(quantity=Decimal(9))
    await Measure.create(quantity=Decimal(10))

    assert await Measure.filter(quantity__gt=Decimal("9.5")).count() == 1
    assert await Measure.filter(quantity__in=[Decimal(9), Decimal(11)]).count() == 1


@pytest.mark.parametrize(
    ("quantity", "why"),
    [
        (Decimal("0.0000001"), "at most 6"),
        (Decimal("1E-1000000"), "at most 6"),
        (LARGEST + Decimal("0.000001"), "too large"),
        (Decimal("1E+1000000"), "too large"),
        (Decimal("NaN"), "finite"),
        (Decimal("sNaN"), "finite"),
        (Decimal("-Infinity"), "finite"),
        (1.5, "Decimal"),
        (5, "Decimal"),
        ("5", "Decimal"),
    ],
)
def test_a_quantity_that_cannot_be_kept_exactly_is_refused(quantity: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        to_millionths(quantity)


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=6))
def test_every_quantity_survives_the_way_there_and_back(quantity: Decimal) -> None:
    assert from_millionths(to_millionths(quantity)) == quantity


@pytest.mark.parametrize("quantity", [5, 1.5, "5", True])
def test_a_new_row_takes_a_quantity_as_decimal_only(quantity: object) -> None:
    """Five would be taken for five millionths: that is how the database says it."""
    with pytest.raises(ValueError, match="Decimal"):
        Measure(quantity=quantity)


async def test_an_instant_is_text_of_one_form_on_sqlite(connected: Dialect) -> None:
    made_at = dt.datetime(2026, 11, 23, 10, tzinfo=dt.timezone(dt.timedelta(hours=10)))
    await Measure.create(quantity=Decimal(1), made_at=made_at)

    [[stored]] = await database.rows("SELECT made_at FROM measures")
    found = await Measure.get(made_at=made_at)

    assert stored == (
        "2026-11-23T00:00:00.000000Z"
        if connected is Dialect.SQLITE
        else dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    )
    assert found.made_at.isoformat() == "2026-11-23T00:00:00+00:00"


@pytest.mark.usefixtures("connected")
async def test_automatic_instants_are_set_when_written() -> None:
    measure = await Measure.create(quantity=Decimal(1))
    made_at, changed_at = measure.made_at, measure.changed_at
    await measure.save()

    found = await Measure.get(id=measure.id)

    assert found.made_at == made_at
    assert found.changed_at == measure.changed_at > changed_at


@pytest.mark.parametrize("instant", [NAIVE, dt.date(2026, 1, 1), 5, "2026-01-01"])
def test_anything_but_an_instant_with_an_offset_is_refused(instant: object) -> None:
    with pytest.raises(ValueError, match="offset"):
        Measure(quantity=Decimal(1), made_at=instant)
