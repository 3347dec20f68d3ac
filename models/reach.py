"""Which rows of a tenant somebody may touch: customers x warehouses, always both."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from uuid import UUID


class Every(Enum):
    """An open end of a reach; a closed one is a set of ids, of which an empty one means none."""

    LIVE = "LIVE"
    """All live customers, those added later too; never sandbox ones."""
    ALL = "ALL"
    """Everything of the tenant."""


@dataclass(frozen=True)
class Reach:
    """The tenant, the customers and the warehouses whose rows can be seen."""

    tenant_id: UUID
    customers: frozenset[UUID] | Every
    warehouses: frozenset[UUID] | Every
    caller_id: UUID | None = None
    """Who asks, where rows are their own; without it, those of nobody."""

    @classmethod
    def of_tenant(cls, tenant_id: UUID) -> "Reach":
        """Everything of one tenant, as its own people see it."""
        return cls(tenant_id, Every.ALL, Every.ALL)

    def holds_warehouse(self, warehouse_id: UUID) -> bool:
        """Whether rows of this warehouse are inside."""
        return self.warehouses is Every.ALL or warehouse_id in _ids(self.warehouses)


def _ids(end: Iterable[UUID] | Every) -> Iterable[UUID]:
    return () if isinstance(end, Every) else end
