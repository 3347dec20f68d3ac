"""Accounts with weeks behind them, for tests of counting and billing."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from models.billing import Plan, Statement
from models.clients import ApiClient
from models.ledger import Entry
from models.periods import Period
from models.reach import Every, Reach
from models.record import new_id
from models.tenants import Tenant
from models.usage import LedgerRow
from resolvers.access import Caller

WEEK = timedelta(days=7)


def this_week(zone: str) -> Period:
    return Period.at(datetime.now(UTC), zone)


def quiet_zone() -> str:
    """A zone whose week neither began nor ends about now, so that tests do not meet its edge."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    week = this_week("Australia/Sydney")
    return "Australia/Sydney" if week.start + hour < now < week.end - hour else "America/New_York"


@dataclass
class Books:
    """One account; `weeks` of it are over."""

    tenant: Tenant
    clients: dict[str, ApiClient] = field(default_factory=dict)

    @property
    def week(self) -> Period:
        """The current one."""
        return this_week(self.tenant.time_zone)

    def past(self, weeks: int) -> Period:
        """The week so many before the current one."""
        return Period.of(self.week.week - weeks * WEEK, self.tenant.time_zone)

    async def client(self, name: str = "Web shop") -> ApiClient:
        if name not in self.clients:
            now = datetime.now(UTC)
            self.clients[name] = await ApiClient.create(
                tenant_id=self.tenant.id, name=name, active=True, created_at=now, modified_at=now
            )
        return self.clients[name]

    async def caller(self, name: str = "Web shop", **given: object) -> Caller:
        client = await self.client(name)
        return Caller(
            reach=Reach(self.tenant.id, Every.ALL, Every.ALL),
            name=name,
            tenant_name=self.tenant.name,
            currency=self.tenant.currency,
            time_zone=self.tenant.time_zone,
            client_id=client.id,
            **given,
        )

    async def entry(self, name: str = "Web shop", **given: object) -> Entry:
        client = await self.client(name)
        known = {"field": "outboundOrders", "request_id": "r", "period": self.week}
        return Entry(tenant_id=self.tenant.id, client_id=client.id, **{**known, **given})

    async def plan(self, week: date, consignments: int = 0, orders: int = 0, **given: int) -> None:
        await Plan.create(
            tenant_id=self.tenant.id,
            from_week=week,
            consignments=consignments,
            warehouse_orders=orders,
            created_at=datetime.now(UTC),
            **given,
        )

    async def called(
        self,
        at: datetime,
        calls: int = 1,
        *,
        name: str = "Web shop",
        field: str = "outboundOrders",
        week: date | None = None,
        **given: object,
    ) -> None:
        """Put rows into the ledger as if they had been written then."""
        client = await self.client(name)
        await LedgerRow.bulk_create(
            [
                LedgerRow(
                    tenant_id=self.tenant.id,
                    week=week or Period.at(at, self.tenant.time_zone).week,
                    late=week is not None,
                    at=at,
                    client_id=client.id,
                    field=field,
                    request_id="r",
                    **given,
                )
                for _ in range(calls)
            ],
            batch_size=500,
        )

    async def closed_ahead(self, period: Period) -> UUID:
        """Put an empty statement there by hand."""
        made = await Statement.create(
            id=new_id(),
            tenant_id=self.tenant.id,
            week=period.week,
            starts_at=period.start,
            ends_at=period.end,
            time_zone=period.time_zone,
            currency=self.tenant.currency,
            consignments=0,
            warehouse_orders=0,
            calls_per_job=5,
            price_micros=10_000,
            included=0,
            used=0,
            excess=0,
            amount=0,
            closed_at=datetime.now(UTC),
        )
        return made.id

    async def rows(self) -> list[LedgerRow]:
        return await LedgerRow.filter(tenant_id=self.tenant.id).order_by("id")


async def open_books(weeks: int = 0, zone: str | None = None, currency: str = "AUD") -> Books:
    """An account that was opened so many weeks ago."""
    zone = zone or quiet_zone()
    opened = this_week(zone).week - weeks * WEEK
    return Books(
        await Tenant.create(
            name="Harbour 3PL",
            currency=currency,
            time_zone=zone,
            created_at=Period.of(opened, zone).start if weeks else datetime.now(UTC),
        )
    )
