"""`@requires`: one declaration that refuses the field and says so in the SDL."""

from collections.abc import Sequence
from typing import Self

import strawberry
from strawberry import UNSET
from strawberry.schema_directive import Location

from models.words import ApiRole, StaffRole
from resolvers.access import Caller

ApiRoleEnum = strawberry.enum(ApiRole, description="What an API client may ask for.")
StaffRoleEnum = strawberry.enum(StaffRole, description="What a person of the operator may do.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INPUT_FIELD_DEFINITION],
    repeatable=True,
    description="Who may ask for it: any one thing named suffices; where it stands several "
    "times, every one must hold.",
)
class Requires:
    """The right that a field, a type or an input field needs."""

    # What is not said is UNSET, so that the SDL does not say it either.
    roles: list[ApiRole] | None = UNSET
    staff: list[StaffRole] | None = UNSET
    any_caller: bool | None = UNSET
    sees_tenant_usage: bool | None = UNSET

    @classmethod
    def of(
        cls,
        *roles: ApiRole,
        staff: Sequence[StaffRole] = (),
        any_caller: bool = False,
        sees_tenant_usage: bool = False,
    ) -> Self:
        """The mark. `API_FULL_ACCESS` need not be named: it implies every other role."""
        return cls(
            roles=list(roles) or UNSET,
            staff=list(staff) or UNSET,
            any_caller=any_caller or UNSET,
            sees_tenant_usage=sees_tenant_usage or UNSET,
        )

    def __hash__(self) -> int:
        return hash((*self.api_roles, *self.staff_roles))

    @property
    def api_roles(self) -> list[ApiRole]:
        """The API roles of which one suffices."""
        return self.roles or []

    @property
    def staff_roles(self) -> list[StaffRole]:
        """The staff roles of which one suffices."""
        return self.staff or []

    def admits(self, caller: Caller) -> bool:
        """Whether the caller has any one thing that is named."""
        return (
            bool(self.any_caller)
            or not caller.roles.isdisjoint(self.api_roles)
            or caller.staff_role in self.staff_roles
            or (bool(self.sees_tenant_usage) and caller.sees_tenant_usage)
        )

    @property
    def needed(self) -> str:
        """What would open it, in words."""
        words = [f"the role {' or '.join(self.api_roles)}"] if self.roles else []
        if self.sees_tenant_usage:
            words.append("to be flagged seesTenantUsage")
        if self.staff and not words:
            words.append(f"a staff user who is {' or '.join(self.staff)}")
        return " or ".join(words) or "nothing"


BOTH = (StaffRole.ADMINISTRATOR, StaffRole.OPERATOR)
ANYONE = Requires.of(any_caller=True)
TENANT_USAGE = Requires.of(staff=[StaffRole.ADMINISTRATOR], sees_tenant_usage=True)
JOBS = Requires.of(
    ApiRole.ADD_CUSTOMER,
    ApiRole.TMS_CREATE_JOBS,
    ApiRole.TMS_VIEW_JOBS,
    ApiRole.WMS_CREATE_JOBS,
    ApiRole.WMS_VIEW_JOBS,
    ApiRole.WMS_VIEW_STOCK,
    ApiRole.WMS_ADD_PRODUCT,
    ApiRole.WMS_EDIT_PRODUCT,
    staff=BOTH,
)
ANY_WMS = Requires.of(
    ApiRole.WMS_CREATE_JOBS,
    ApiRole.WMS_VIEW_JOBS,
    ApiRole.WMS_VIEW_STOCK,
    ApiRole.WMS_ADD_PRODUCT,
    ApiRole.WMS_EDIT_PRODUCT,
    staff=BOTH,
)
VIEW_STOCK = Requires.of(ApiRole.WMS_VIEW_STOCK, staff=BOTH)
VIEW_ORDERS = Requires.of(ApiRole.WMS_VIEW_JOBS, staff=BOTH)
CREATE_ORDERS = Requires.of(ApiRole.WMS_CREATE_JOBS, staff=BOTH)
VIEW_CONSIGNMENTS = Requires.of(ApiRole.TMS_VIEW_JOBS, staff=BOTH)
CREATE_CONSIGNMENTS = Requires.of(ApiRole.TMS_CREATE_JOBS, staff=BOTH)
ADD_PRODUCTS = Requires.of(ApiRole.WMS_ADD_PRODUCT, staff=BOTH)
EDIT_PRODUCTS = Requires.of(ApiRole.WMS_EDIT_PRODUCT, staff=BOTH)
INTERNAL = Requires.of(ApiRole.INTERNAL_FIELD_ACCESS, staff=BOTH)
STAFF = Requires.of(staff=BOTH)
ADMIN = Requires.of(staff=[StaffRole.ADMINISTRATOR])
CREATE_CUSTOMERS = Requires.of(ApiRole.ADD_CUSTOMER, staff=[StaffRole.ADMINISTRATOR])
SIMULATE = Requires.of(ApiRole.WMS_CREATE_JOBS, ApiRole.TMS_CREATE_JOBS, staff=BOTH)


def sentence(*marks: Requires, billable: bool | None = None) -> str:
    """What a description ends in, since introspection does not show applied directives."""
    told = []
    for mark in marks:
        if mark.any_caller:
            told.append("Open to any caller.")
        else:
            words = [" or ".join(mark.roles)] if mark.roles else []
            if mark.sees_tenant_usage:
                words.append("a client flagged seesTenantUsage")
            if mark.staff:
                words.append(f"staff: {' or '.join(mark.staff)}")
            told.append(f"Requires {'; or '.join(words)}.")
    if billable is not None:
        told.append("Counts one call." if billable else "Counts nothing.")
    return " ".join(told)
