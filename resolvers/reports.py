"""Report runs: asking for one, and fetching its file."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from models import report_queries, report_runs
from models.database import DatabaseUnavailable
from models.reach import Every, Reach
from models.record import new_id
from models.report_runs import File
from models.reports import ReportRun
from models.tenants import Customer, Warehouse
from models.words import ApiRole, ReportStatus, UserErrorCode
from models.writing import Changes
from resolvers.access import Caller, visible
from resolvers.commands import Effect, now, unavailable
from resolvers.contents import as_json, canonical, input_path
from resolvers.errors import not_found
from resolvers.faults import Faults

MOST_UNFINISHED = 20
"""Runs of one caller that wait or are being made."""

Content = Mapping[str, Any]


async def ask_for(caller: Caller, content: Content, changes: Changes) -> Effect:
    """Queue a run, for a worker to make."""
    faults = Faults()
    customer_id, warehouse_id = content.get("customer"), content.get("warehouse")
    reach = Reach(
        caller.tenant_id,
        await _narrowed(caller, Customer, customer_id, caller.reach.customers, faults),
        await _narrowed(caller, Warehouse, warehouse_id, caller.reach.warehouses, faults),
    )
    as_of, at = content.get("as_of"), now()
    if as_of is not None and as_of > at:
        faults.add(
            UserErrorCode.INVALID, input_path("as_of"), "Nobody knows yet what will stand then."
        )
    by = content.get("aggregate_by")
    if by is not None and not by:
        faults.add(
            UserErrorCode.REQUIRED,
            input_path("aggregate_by"),
            "Name what stock is to be added up by.",
        )
    own = visible(ReportRun, caller).reach
    of_staff = caller.staff_user_id is not None
    if await report_runs.unfinished(own, of_staff=of_staff) >= MOST_UNFINISHED:
        faults.add(
            UserErrorCode.TOO_MANY,
            ("input",),
            f"{MOST_UNFINISHED} of your runs are waiting; ask again when one is done.",
        )
    faults.raise_any()

    run_id = new_id()
    arguments = {"as_of": as_of, "aggregate_by": by}
    changes.insert(
        ReportRun,
        {
            "tenant_id": caller.tenant_id,
            "id": run_id,
            "caller_id": caller.id,
            "client_id": caller.client_id,
            "staff_user_id": caller.staff_user_id,
            "kind": content["kind"],
            "format": content["format"],
            "arguments": as_json(canonical(arguments)),
            "reach": reach_text(reach),
            "status": ReportStatus.QUEUED,
            # At once: SQLite's clock knows milliseconds, and would not see it yet.
            "due_at": at.replace(microsecond=at.microsecond // 1_000 * 1_000),
            "created_at": at,
        },
    )
    return Effect(run_id, customer_id, warehouse_id)


async def _narrowed(
    caller: Caller,
    table: type[Customer | Warehouse],
    row_id: UUID | None,
    end: frozenset[UUID] | Every,
    faults: Faults,
) -> frozenset[UUID] | Every:
    """One end of the caller's reach, or the one row of it that was asked for."""
    if row_id is None:
        return end
    if row_id not in await report_queries.held(caller.reach, table, [row_id]):
        what = table.__name__.lower()
        faults.errors.append(not_found(what, row_id, input_path(what)))
    return frozenset({row_id})


# --- whose goods a run may tell ------------------------------------------------------------------


def reach_text(reach: Reach) -> str:
    """A reach as JSON, without its tenant."""
    return as_json(
        {
            name: end.value if isinstance(end, Every) else sorted(map(str, end))
            for name, end in (("customers", reach.customers), ("warehouses", reach.warehouses))
        }
    )


def reach_of(tenant_id: UUID, text: str) -> Reach:
    """A reach from its JSON."""
    ends = orjson.loads(text)
    return Reach(tenant_id, _end(ends["customers"]), _end(ends["warehouses"]))


def _end(told: str | list[str]) -> frozenset[UUID] | Every:
    return Every(told) if isinstance(told, str) else frozenset(map(UUID, told))


async def covers(present: Reach, asked: Reach) -> bool:
    """Whether all that could be seen then can be seen now."""
    return await _holds(Customer, present, present.customers, asked.customers) and await _holds(
        Warehouse, present, present.warehouses, asked.warehouses
    )


async def _holds(
    table: type[Customer | Warehouse],
    present: Reach,
    now_: frozenset[UUID] | Every,
    then: frozenset[UUID] | Every,
) -> bool:
    if now_ is Every.ALL or now_ == then:
        return True
    if isinstance(then, Every):
        return False
    # All live customers hold one if it is live, which only its row tells.
    return await report_queries.held(present, table, then) == then


# --- fetching ------------------------------------------------------------------------------------


async def file_for(caller: Caller, run_id: UUID) -> File | None:
    """The file of a run of the caller's own, while they may see what is in it.

    Raises:
        Unavailable: the database cannot now.

    """
    if ApiRole.WMS_VIEW_STOCK not in caller.roles and caller.staff_role is None:
        return None
    try:
        found = await report_runs.file_of(visible(ReportRun, caller).reach, run_id)
        if found is None or not await covers(caller.reach, reach_of(caller.tenant_id, found.reach)):
            return None
    except DatabaseUnavailable as fault:
        raise unavailable() from fault
    if found.expired:
        return replace(found, status=ReportStatus.EXPIRED)
    return found


class FileGone(Exception):
    """A file was dropped while somebody was fetching it."""


async def content_of(
    tenant_id: UUID, run_id: UUID, first: int, beyond: int
) -> AsyncIterator[bytes]:
    """The bytes of a file from `first` to before `beyond`, a piece at a time.

    Raises:
        FileGone: after some of it was given; whoever sends it breaks off.

    """
    while first < beyond:
        piece = await report_runs.piece_at(tenant_id, run_id, first)
        if piece is None or piece[0] + len(piece[1]) <= first:
            raise FileGone
        starts_at, content = piece
        wanted = content[first - starts_at : beyond - starts_at]
        first += len(wanted)
        yield wanted
