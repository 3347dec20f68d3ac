"""Who is asking, and which rows they can see.

Two gates, always both: the *role* says which questions a client may ask, the *reach* says about
whose goods. The schema opens the first, `visible` the second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from uuid import UUID

from models.reach import Reach
from models.reading import Found, Rows, read_any, read_one, read_page
from models.record import Record
from models.shapes import Page, Shape
from models.words import ApiRole, StaffRole
from resolvers.networks import Network

Row = TypeVar("Row", bound=Record)


@dataclass(frozen=True, eq=False)
class Caller:
    """An authenticated API client or staff user, as it stood when its credentials were checked."""

    reach: Reach
    name: str
    tenant_name: str
    currency: str
    time_zone: str
    client_id: UUID | None = None
    credential_id: UUID | None = None
    staff_user_id: UUID | None = None
    roles: frozenset[ApiRole] = frozenset()
    """The roles held, with all that they imply."""
    granted: tuple[ApiRole, ...] = ()
    """The roles held, as they were given."""
    staff_role: StaffRole | None = None
    sees_tenant_usage: bool = False
    sandbox: bool = False
    """Whether it holds sandbox customers, so that its calls are free."""
    networks: tuple[Network, ...] = ()
    """From where it may ask; empty from anywhere."""

    @property
    def tenant_id(self) -> UUID:
        """The one tenant that everything it does belongs to."""
        return self.reach.tenant_id

    @property
    def id(self) -> UUID:
        """Whose idempotency keys it uses: the client's or the user's id."""
        caller_id = self.client_id or self.staff_user_id
        if caller_id is None:
            raise ValueError("a caller is a client or a staff user")
        return caller_id


def expand(roles: Iterable[ApiRole]) -> frozenset[ApiRole]:
    """The roles with all that they imply."""
    return frozenset(implied for role in roles for implied in role.implies)


@dataclass(frozen=True)
class Visible(Generic[Row]):
    """The rows of one table inside a caller's reach; every question starts here."""

    table: type[Row]
    reach: Reach

    async def one(self, shape: Shape, row_id: UUID) -> Found | None:
        """The row of that id."""
        return await read_one(shape, self.reach, row_id)

    async def any(self, shapes: Sequence[Shape], row_id: UUID) -> Found | None:
        """The row of that id in whichever of several tables has it."""
        return await read_any(shapes, self.reach, row_id)

    async def page(self, shapes: Sequence[Shape], page: Page) -> Rows:
        """A page of them."""
        return await read_page(shapes, self.table, page, self.reach)


def visible(table: type[Row], caller: Caller) -> Visible[Row]:
    """The rows of `table` inside the caller's reach: the only door to them."""
    own = table.caller_column is not None
    return Visible(table, replace(caller.reach, caller_id=caller.id) if own else caller.reach)
