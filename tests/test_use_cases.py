"""The FAQ's use cases, each by a client that holds only the role it needs, and by nobody else."""

import httpx
import pytest

from models.words import ApiRole
from resolvers.access import expand
from tests.asking import Shop, open_shop
from tests.test_examples import BEFORE, learn
from tests.world import World

USE_CASES = [
    (
        "Send inbound and outbound orders",
        ("inbound/announce_goods", "orders/place_an_order"),
        ApiRole.WMS_CREATE_JOBS,
    ),
    (
        "Update inbound and outbound orders",
        ("inbound/update_an_announcement", "orders/update_an_order"),
        ApiRole.WMS_CREATE_JOBS,
    ),
    ("Send transport jobs", ("consignments/book_a_delivery",), ApiRole.TMS_CREATE_JOBS),
    ("Update transport jobs", ("consignments/update_a_consignment",), ApiRole.TMS_CREATE_JOBS),
    ("Send new products", ("products/add_a_product",), ApiRole.WMS_ADD_PRODUCT),
    ("Update products", ("products/update_a_product",), ApiRole.WMS_EDIT_PRODUCT),
    ("Retrieve stock on hand", ("stock/list_stock",), ApiRole.WMS_VIEW_STOCK),
]
"""The sentence of the FAQ, the examples that do it, and the role (sending and updating products
are one sentence there, and two roles here)."""


@pytest.fixture
async def shop(http: httpx.AsyncClient, world: World) -> Shop:
    return await open_shop(http, world)


async def prepared(shop: Shop, example: str) -> None:
    """Have what an example goes on from."""
    for earlier in BEFORE.get(example, ()):
        learn(shop, await shop.ask(earlier))


@pytest.mark.parametrize(("sentence", "examples", "role"), USE_CASES)
async def test_a_client_with_the_role_alone_does_it(
    shop: Shop, sentence: str, examples: tuple[str, ...], role: ApiRole
) -> None:
    token = await shop.world.token(role, name=sentence)
    for example in examples:
        await prepared(shop, example)
        before = await shop.counted()

        answer = await shop.ask(example, by=token)

        assert answer.errors == [], example
        assert answer.only.get("userErrors", []) == [], example
        assert answer.outcomes == ["COUNTED"]
        assert await shop.counted() == before + 1


@pytest.mark.parametrize(("sentence", "examples", "role"), USE_CASES)
async def test_no_other_role_does_it(
    shop: Shop, sentence: str, examples: tuple[str, ...], role: ApiRole
) -> None:
    others = [one for one in ApiRole if role not in expand([one])]
    tokens = [await shop.world.token(one, name=f"{sentence} ({one})") for one in others]
    for example in examples:
        await prepared(shop, example)
        before = await shop.counted()
        for other, token in zip(others, tokens, strict=True):
            answer = await shop.ask(example, by=token)

            assert set(answer.codes) == {"FORBIDDEN"}, (example, other)
            assert set(answer.outcomes) == {"REFUSED"}
        assert await shop.counted() == before
