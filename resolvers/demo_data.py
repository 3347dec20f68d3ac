"""Who is in the demonstration: two operators, their customers, warehouses and clients."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.words import ApiRole


@dataclass(frozen=True)
class DemoCustomer:
    """A customer; one with `twin` is the sandbox copy of the live one with that code."""

    code: str
    name: str
    goods: Sequence[str] = ()
    twin: str | None = None


@dataclass(frozen=True)
class DemoClient:
    """A client. Its id is always the same, so that its secret can be made anew."""

    id: UUID
    name: str
    roles: Sequence[ApiRole]
    customers: Sequence[str] | None
    """Codes; None for all live ones."""
    warehouses: Sequence[str] | None = None
    """Codes; None for all."""
    sees_tenant_usage: bool = False


@dataclass(frozen=True)
class DemoTenant:
    """An operator with a plan: so many consignments and warehouse orders a week."""

    id: UUID
    name: str
    currency: str
    time_zone: str
    consignments: int
    warehouse_orders: int
    warehouses: Sequence[tuple[str, str]]
    customers: Sequence[DemoCustomer]
    clients: Sequence[DemoClient]
    cities: Sequence[tuple[str, str, str]]
    """City, state, postcode."""
    country: str


def _id(number: int) -> UUID:
    return UUID(f"01930000-0000-7000-8000-{number:012}")


def _clients(first: int, shop: DemoCustomer, other: DemoCustomer, near: str) -> list[DemoClient]:
    """The same six kinds of client for each operator."""
    return [
        DemoClient(_id(first), f"{shop.name} web shop", [ApiRole.WMS_CREATE_JOBS], [shop.code]),
        DemoClient(
            _id(first + 1),
            "Reporting (read only)",
            [ApiRole.WMS_VIEW_JOBS, ApiRole.WMS_VIEW_STOCK],
            None,
        ),
        DemoClient(
            _id(first + 2),
            f"{shop.name} web shop (sandbox)",
            [ApiRole.WMS_CREATE_JOBS, ApiRole.WMS_ADD_PRODUCT, ApiRole.WMS_EDIT_PRODUCT],
            [f"{shop.code}-TEST"],
        ),
        DemoClient(
            _id(first + 3), "Own integration (full access)", [ApiRole.API_FULL_ACCESS], None
        ),
        DemoClient(
            _id(first + 4),
            f"{other.name} catalogue",
            [ApiRole.WMS_VIEW_JOBS, ApiRole.WMS_ADD_PRODUCT, ApiRole.WMS_EDIT_PRODUCT],
            [other.code],
            [near],
        ),
        DemoClient(
            _id(first + 5), "Controlling", [ApiRole.WMS_VIEW_JOBS], None, sees_tenant_usage=True
        ),
    ]


TEA = DemoCustomer("ZENTEA", "Zen Tea House", ["Green tea", "Black tea", "Tea pot", "Tea tin"])
SURF = DemoCustomer("SURF", "Southern Surf Supply", ["Surf wax", "Leash", "Wetsuit", "Fin set"])
LAMPS = DemoCustomer("LAMPE", "Lampenladen Berlin", ["Desk lamp", "Floor lamp", "LED bulb"])
CYCLES = DemoCustomer("RADWERK", "Radwerk", ["Bicycle bell", "Inner tube", "Saddle", "Pedal"])

DEMO = [
    DemoTenant(
        id=_id(1),
        name="Harbour Logistics",
        currency="AUD",
        time_zone="Australia/Sydney",
        consignments=500,
        warehouse_orders=250,
        warehouses=[("SYD", "Sydney Port Botany"), ("MEL", "Melbourne Altona")],
        customers=[
            TEA,
            SURF,
            DemoCustomer("PAWS", "Happy Paws Pet Food", ["Dog biscuits", "Cat litter"]),
            DemoCustomer("ZENTEA-TEST", "Zen Tea House (sandbox)", twin="ZENTEA"),
        ],
        clients=_clients(11, TEA, SURF, "SYD"),
        cities=[
            ("Sydney", "NSW", "2000"),
            ("Melbourne", "VIC", "3000"),
            ("Brisbane", "QLD", "4000"),
            ("Perth", "WA", "6000"),
            ("Hobart", "TAS", "7000"),
        ],
        country="AU",
    ),
    DemoTenant(
        id=_id(2),
        name="Nordlager",
        currency="EUR",
        time_zone="Europe/Berlin",
        consignments=0,
        warehouse_orders=1_000,
        warehouses=[("BER", "Berlin Großbeeren"), ("HAM", "Hamburg Billbrook")],
        customers=[
            LAMPS,
            CYCLES,
            DemoCustomer("HONIG", "Imkerei Heide", ["Heather honey", "Beeswax candle"]),
            DemoCustomer("LAMPE-TEST", "Lampenladen Berlin (Sandbox)", twin="LAMPE"),
        ],
        clients=_clients(21, LAMPS, CYCLES, "BER"),
        cities=[
            ("Berlin", "BE", "10115"),
            ("Hamburg", "HH", "20095"),
            ("München", "BY", "80331"),
            ("Köln", "NW", "50667"),
            ("Leipzig", "SN", "04109"),
        ],
        country="DE",
    ),
]
