"""Who is in the demonstration: two operators, their customers, warehouses, people and clients."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from models.words import (
    ApiRole,
    ConsignmentTrigger,
    ShortStockPolicy,
    StaffRole,
    UnknownProductPolicy,
    UnknownUnitPolicy,
)
from resolvers.customers import CustomerPolicies
from resolvers.demo_goods import CANDLES, CYCLES, HONEY, LAMPS, PETS, SURF, TEA, Good


@dataclass(frozen=True)
class DemoCustomer:
    """A customer; one with `twin` is the sandbox copy of the live one with that code."""

    code: str
    name: str
    goods: Sequence[Good] = ()
    policies: CustomerPolicies = field(default_factory=CustomerPolicies)
    twin: str | None = None


@dataclass(frozen=True)
class DemoWarehouse:
    """A depot, with its number and its address."""

    code: str
    name: str
    gln: str
    line1: str
    city: str
    state: str
    postcode: str
    country: str

    @property
    def address(self) -> dict[str, str]:
        """Where carriers find it."""
        return {
            "company": self.name,
            "line1": self.line1,
            "city": self.city,
            "state": self.state,
            "postcode": self.postcode,
            "country": self.country,
        }


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the operator; `dockgate staff token` lets them in."""

    email: str
    name: str
    role: StaffRole


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
    warehouses: Sequence[DemoWarehouse]
    people: Sequence[DemoPerson]
    """The first one is an administrator, who typed the demonstration in."""
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


ZENTEA = DemoCustomer("ZENTEA", "Zen Tea House", TEA, {"short_stock": ShortStockPolicy.AWAIT_STOCK})
SURFERS = DemoCustomer(
    "SURF",
    "Southern Surf Supply",
    SURF,
    {
        "short_stock": ShortStockPolicy.SPLIT,
        "unknown_unit": UnknownUnitPolicy.USE_DEFAULT,
        "makes_consignments": ConsignmentTrigger.PACKING,
    },
)
PAWS = DemoCustomer(
    "PAWS",
    "Happy Paws Pet Food",
    PETS,
    {
        "short_stock": ShortStockPolicy.REJECT,
        "unknown_product": UnknownProductPolicy.REJECT,
        "unknown_unit": UnknownUnitPolicy.REJECT,
    },
)
LAMPE = DemoCustomer(
    "LAMPE", "Lampenladen Berlin", LAMPS, {"short_stock": ShortStockPolicy.AWAIT_STOCK}
)
RADWERK = DemoCustomer(
    "RADWERK",
    "Radwerk",
    CYCLES,
    {
        "short_stock": ShortStockPolicy.SPLIT,
        "makes_consignments": ConsignmentTrigger.PACKING,
    },
)
HONIG = DemoCustomer(
    "HONIG",
    "Imkerei Heide",
    (*HONEY, *CANDLES),
    {
        "short_stock": ShortStockPolicy.REJECT,
        "unknown_product": UnknownProductPolicy.REJECT,
    },
)

DEMO = [
    DemoTenant(
        id=_id(1),
        name="Harbour Logistics",
        currency="AUD",
        time_zone="Australia/Sydney",
        consignments=500,
        warehouse_orders=250,
        warehouses=[
            DemoWarehouse(
                "SYD",
                "Sydney Port Botany",
                "9521010000015",
                "12 Dock Road",
                "Port Botany",
                "NSW",
                "2036",
                "AU",
            ),
            DemoWarehouse(
                "MEL",
                "Melbourne Altona",
                "9521010000022",
                "80 Kororoit Creek Road",
                "Altona",
                "VIC",
                "3018",
                "AU",
            ),
        ],
        people=[
            DemoPerson("alex@harbour.example", "Alex Martin", StaffRole.ADMINISTRATOR),
            DemoPerson("sam@harbour.example", "Sam Wong", StaffRole.OPERATOR),
        ],
        customers=[
            ZENTEA,
            SURFERS,
            PAWS,
            DemoCustomer("ZENTEA-TEST", "Zen Tea House (sandbox)", twin="ZENTEA"),
        ],
        clients=_clients(11, ZENTEA, SURFERS, "SYD"),
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
        warehouses=[
            DemoWarehouse(
                "BER",
                "Berlin Großbeeren",
                "9521020000012",
                "Märkische Allee 20",
                "Großbeeren",
                "BB",
                "14979",
                "DE",
            ),
            DemoWarehouse(
                "HAM",
                "Hamburg Billbrook",
                "9521020000029",
                "Billbrookdeich 150",
                "Hamburg",
                "HH",
                "22113",
                "DE",
            ),
        ],
        people=[
            DemoPerson("anke@nordlager.example", "Anke Petersen", StaffRole.ADMINISTRATOR),
            DemoPerson("jan@nordlager.example", "Jan Brandt", StaffRole.OPERATOR),
        ],
        customers=[
            LAMPE,
            RADWERK,
            HONIG,
            DemoCustomer("LAMPE-TEST", "Lampenladen Berlin (Sandbox)", twin="LAMPE"),
        ],
        clients=_clients(21, LAMPE, RADWERK, "BER"),
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
