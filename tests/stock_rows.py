"""Very many rows of stock, made inside the database: sent row by row they would take minutes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from models.database import Dialect, dialect, execute, transaction

OPENED = datetime(2026, 6, 1, tzinfo=UTC)

LEVELS_OF_A_PRODUCT = 5
AT_ONCE = 25_000


async def fill_stock(
    tenant_id: UUID, customers: Sequence[UUID], warehouses: Sequence[UUID], products: int
) -> None:
    """Products of all customers in turn, five levels of each, and movements of some of them.

    One product code is used by every customer. Every tenth level is empty, some goods are
    damaged, and half of the products are kept by batch and expiry date.
    """
    async with transaction():
        if _postgres():
            # References are right by the way rows are made; checking each is half the time.
            await execute("SET LOCAL session_replication_role = replica")
        await _fill(tenant_id, customers, warehouses, products)


async def _fill(
    tenant_id: UUID, customers: Sequence[UUID], warehouses: Sequence[UUID], products: int
) -> None:
    levels = products * LEVELS_OF_A_PRODUCT
    product = f"n / {LEVELS_OF_A_PRODUCT}"
    kept = f"({product} % 2 = 1 OR n % {LEVELS_OF_A_PRODUCT} = 4)"
    amounts = (
        "n % 10 * (n % 999) * 1000000",
        "n % 10 * (n % 999 / 4) * 1000000",
        "CASE WHEN n % 10 = 3 THEN 5000000 ELSE 0 END",
    )
    await execute(
        f"""INSERT INTO products (tenant_id, id, customer_id, code, name, default_unit, content,
              created_at, modified_at)
            SELECT {_one_of("0", tenant_id)}, {_id("7", "n")}, {_one_of("n", *customers)},
              {_code("n", customers)}, 'Something', 'EA', '{{}}', {_at(OPENED)}, {_at(OPENED)}
            FROM {_series(products)}"""
    )
    for begin in range(0, levels, AT_ONCE):
        await execute(
            f"""INSERT INTO stock_levels (tenant_id, id, customer_id, warehouse_id, product_id,
              product_code, batch, expiry_date, condition, quantity, allocated, incoming,
              created_at, modified_at)
            SELECT {_one_of("0", tenant_id)}, {_id("8", "n")}, {_one_of(product, *customers)},
              {_one_of("n", *warehouses)}, {_id("7", product)}, {_code(product, customers)},
              CASE WHEN {kept} THEN {_padded("'B'", "n % 97", 2)} END,
              CASE WHEN {kept} THEN {_day("n % 28 + 1")} END,
              CASE WHEN n % 50 < 48 THEN 'OK' ELSE 'DAMAGED' END,
              {", ".join(amounts)}, {_at(OPENED)}, {_at(OPENED)}
            FROM {_series(min(levels, begin + AT_ONCE), begin)}"""
        )
    await execute(
        f"""INSERT INTO stock_movements (tenant_id, id, level_id, kind, quantity, allocated,
              incoming, at)
            SELECT tenant_id, id, id, 'OPENING', quantity, allocated, incoming, {_at(OPENED)}
            FROM stock_levels WHERE tenant_id = {_one_of("0", tenant_id)}
              AND quantity % 5000000 = 0"""
    )


async def settle() -> None:
    """Let the database know what it holds, as it does by itself after a while."""
    await execute("ANALYZE")


def _postgres() -> bool:
    return dialect() is Dialect.POSTGRES


def _series(end: int, begin: int = 0) -> str:
    """The numbers from `begin` to below `end`, as `n`."""
    if _postgres():
        return f"generate_series({begin}::bigint, {end - 1}) AS numbers (n)"
    return (
        f"(WITH RECURSIVE numbers (n) AS (SELECT {begin} UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < {end - 1}) SELECT n FROM numbers) AS numbers"
    )


def _padded(prefix: str, number: str, places: int) -> str:
    if _postgres():
        return f"{prefix} || lpad(({number})::text, {places}, '0')"
    return f"{prefix} || printf('%0{places}d', {number})"


def _id(digit: str, number: str) -> str:
    text = _padded(f"'0199000{digit}-0000-7000-8000-'", number, 12)
    return f"({text})::uuid" if _postgres() else text


def _one_of(number: str, *ids: UUID) -> str:
    """One of the ids after the other."""
    kind = "::uuid" if _postgres() else ""
    if len(ids) == 1:
        return f"'{ids[0]}'{kind}"
    arms = " ".join(f"WHEN {at} THEN '{id_}'{kind}" for at, id_ in enumerate(ids))
    return f"CASE {number} % {len(ids)} {arms} END"


def _code(number: str, customers: Sequence[UUID]) -> str:
    """The code that a product has with each of the customers."""
    return _padded("'P-'", f"{number} / {len(customers)}", 6)


def _at(instant: datetime) -> str:
    text = f"'{instant:%Y-%m-%dT%H:%M:%S.%fZ}'"
    return f"{text}::timestamptz" if _postgres() else text


def _day(number: str) -> str:
    text = _padded("'2027-03-'", number, 2)
    return f"({text})::date" if _postgres() else text
