"""Whose rows are in reach: what a statement leans on, and what it costs."""

import pytest

from models import database
from models.database import Dialect, dialect, rows, transaction
from models.record import Record, new_id
from models.words import ApiRole
from resolvers import customers
from tests.asking import Shop, open_shop
from tests.world import World


@pytest.fixture
async def shop(http, world: World) -> Shop:
    return await open_shop(http, world)


@pytest.mark.usefixtures("database")
async def test_no_row_is_without_its_customer() -> None:
    """`NOT IN` knows nothing of null: a row of nobody's would be in everybody's reach."""
    tables = Record.__subclasses__()
    columns = [(table, table.customer_column) for table in tables if table.customer_column]

    assert columns
    assert not [table for table, name in columns if table._meta.fields_map[name].null]


async def test_a_sandbox_customer_is_out_of_reach_from_its_first_instant(shop: Shop) -> None:
    """What is known of a caller may be a second old; this must not be."""
    everyone = await shop.world.token(
        ApiRole.API_FULL_ACCESS, all_customers=True, all_warehouses=True
    )
    asked = "query ($id: ID!) { node(id: $id) { id } }"
    tenant_id = shop.world.tenant.id
    await shop.say(asked, by=everyone, id=str(shop.world.live.id))

    trial = await customers.create(tenant_id, "NEW-TEST", "New (sandbox)", sandbox=True)
    live = await customers.create(tenant_id, "NEW", "New")

    assert (await shop.say(asked, by=everyone, id=str(trial.id))).data == {"node": None}
    found = (await shop.say(asked, by=everyone, id=str(live.id))).data
    assert found == {"node": {"id": str(live.id)}}


@pytest.mark.usefixtures("world")
async def test_sandbox_customers_are_found_by_an_index() -> None:
    """They are few among many, and looked up by each statement of whoever reaches all live ones."""
    asked = "SELECT id FROM customers WHERE tenant_id = {} AND sandbox"
    if dialect() is Dialect.SQLITE:
        plan = await rows(f"EXPLAIN QUERY PLAN {asked.format('?')}", "nobody's")
    else:
        async with transaction():
            await database.execute("SET LOCAL enable_seqscan = off")
            plan = await rows(f"EXPLAIN {asked.format('$1')}", new_id())

    assert "customers_sandbox" in str([tuple(row) for row in plan])
