"""Changing consignments: fields, versions, and what only the operator's people say."""

import pytest
import pytest_asyncio

from models.consignments import Consignment
from models.words import ApiRole
from tests.asking import Shop, open_shop
from tests.bookings import (
    EVERYTHING,
    READ_AS,
    booked,
    read,
    update,
)


@pytest_asyncio.fixture
async def shop(http, world) -> Shop:
    return await open_shop(http, world)


# --- changing -------------------------------------------------------------------------------------


async def test_each_field_is_changed_alone(shop):
    consignment_id = await booked(shop)
    before = await read(shop, consignment_id)

    for version, (name, value) in enumerate(EVERYTHING.items(), start=1):
        answer = await update(shop, consignment_id, version, **{name: value})
        assert answer.faults == []
        after = await read(shop, consignment_id)
        assert after[name] == READ_AS[name]
        changed = {one for one in after if after[one] != before[one]}
        assert changed <= {name, "version", "modifiedAt", "history"}
        assert after["history"][-1]["changed"] == [name]
        before = after


async def test_what_may_be_empty_is_taken_away_with_null(shop):
    consignment_id = await booked(shop, **EVERYTHING)
    can = set(EVERYTHING) - {"deliverAddress", "authorityToLeave", "items"}

    answer = await update(shop, consignment_id, 1, **dict.fromkeys(can))
    assert answer.faults == []
    made = await read(shop, consignment_id)
    assert {name: made[name] for name in can} == dict.fromkeys(can)

    answer = await update(shop, consignment_id, 2, items=None, authorityToLeave=None, draft=None)
    assert answer.codes == ["BAD_INPUT"]


async def test_a_stale_version_is_told_what_changed_but_not_what_is_internal(shop):
    world = shop.world
    consignment_id = await booked(shop, internalNotes="Margin is thin")
    await update(shop, consignment_id, 1, instructions="Ring twice", internalNotes="Lose it")
    plain = await world.token(ApiRole.TMS_CREATE_JOBS)

    answer = await update(shop, consignment_id, 1, by=plain, instructions="Knock")

    assert answer.told == [("STALE_VERSION", "input.version")]
    assert answer.faults[0]["differences"] == [
        {"path": ["input", "instructions"], "stored": '"Ring twice"', "given": '"Knock"'},
        {"path": ["input", "internalNotes"], "stored": None, "given": None},
    ]


@pytest.mark.parametrize("status", ["IN_TRANSIT_WAREHOUSE_DELIVERY", "DELIVERED", "CANCELLED"])
async def test_a_client_changes_nothing_once_it_is_on_its_way(shop, status):
    consignment_id = await booked(shop)
    await Consignment.filter(id=consignment_id).update(status=status)

    answer = await update(shop, consignment_id, 1, instructions="Faster")

    assert answer.told == [("WRONG_STATUS", "input.id")]
    assert answer.faults[0]["legalMoves"] == []
    assert (await read(shop, consignment_id))["version"] == 1


async def test_people_change_it_until_it_is_delivered(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    await Consignment.filter(id=consignment_id).update(status="WITH_ON_FORWARDER")
    assert (await update(shop, consignment_id, 1, by=person, instructions="Faster")).faults == []

    await Consignment.filter(id=consignment_id).update(status="DELIVERED")
    answer = await update(shop, consignment_id, 2, by=person, instructions="Too late")
    assert answer.told == [("WRONG_STATUS", "input.id")]


# --- tracking and cost ----------------------------------------------------------------------------


async def test_people_say_how_to_follow_it_and_what_it_costs(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    tracking = {"company": "Swift", "url": "https://swift.test/SW1?lang=en#map"}

    answer = await update(
        shop, consignment_id, 1, by=person, tracking=tracking, cost={"amount": "18.4"}
    )

    assert answer.faults == []
    made = await read(shop, consignment_id)
    assert made["tracking"] == tracking
    assert made["cost"] == {"amount": "18.40", "currency": "AUD"}
    await update(shop, consignment_id, 2, by=person, tracking=None, cost=None)
    made = await read(shop, consignment_id)
    assert (made["tracking"], made["cost"]) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://swift.test/x",
        "swift.test/x",
        "//swift.test/x",
        "https://",
        "https:///x",
        "http://[::1",
        "https://swift.test/a b",
        "https://swift.test/\n",
        "",
    ],
)
async def test_a_tracking_link_is_one_that_a_browser_may_follow(shop, url):
    consignment_id, person = await booked(shop), await shop.world.staff_token()

    answer = await update(shop, consignment_id, 1, by=person, tracking={"url": url})

    assert answer.told == [("INVALID", "input.tracking.url")]


async def test_a_tracking_link_has_at_most_2000_characters(shop):
    consignment_id, person = await booked(shop), await shop.world.staff_token()
    for rest, told in ((1981, [("TOO_LONG", "input.tracking.url")]), (1980, [])):
        url = "http://swift.test/x/" + "x" * rest
        answer = await update(shop, consignment_id, 1, by=person, tracking={"url": url})
        assert answer.told == told


async def test_tracking_is_for_people_and_cost_is_internal(shop):
    world = shop.world
    consignment_id = await booked(shop)
    plain = await world.token(ApiRole.TMS_CREATE_JOBS)
    trusted = await world.token(ApiRole.TMS_CREATE_JOBS, ApiRole.INTERNAL_FIELD_ACCESS)

    for by in (plain, trusted, shop.token):
        answer = await update(shop, consignment_id, 1, by=by, tracking={"company": "x"})
        assert answer.codes == ["FORBIDDEN"]
    assert (await update(shop, consignment_id, 1, by=plain, cost=None)).codes == ["FORBIDDEN"]
    assert (await update(shop, consignment_id, 1, by=trusted, cost=None)).faults == []
    for name in ("internalNotes", "cost { amount }"):
        asked = f'{{ consignment(id: "{consignment_id}") {{ {name} }} }}'
        assert (await shop.say(asked, by=plain)).codes == ["FORBIDDEN"]
        assert (await shop.say(asked, by=trusted)).errors == []
