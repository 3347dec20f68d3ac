"""Importing legacy keys: all lines of a file or none, and each key only as its hash."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from models.client_queries import LINKS
from models.clients import ApiClient, Credential
from models.database import Conflict, atomically
from models.epochs import bump
from models.record import new_id
from models.tenants import Customer, Identity, Tenant, Warehouse
from models.words import AuditAction, AuditSubject, IdentityKind
from models.writing import Changes
from resolvers import client_changes
from resolvers.audit import Actor, Subject, note
from resolvers.client_rules import NOTHING, check
from resolvers.commands import now
from resolvers.errors import UserError, UserErrors
from resolvers.faults import Faults
from resolvers.key_files import ALL, KeyLine, fault, read
from resolvers.key_hashes import hex_of, is_salted
from resolvers.legacy_keys import BASIC
from resolvers.tenants import tenants


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a line."""

    line: KeyLine
    tenant_id: UUID
    client_id: UUID
    known: bool = False
    """Whether it was imported before, and is left as it is."""


@dataclass(frozen=True, slots=True)
class Places:
    """The customers and warehouses of a tenant, by code and by id."""

    customers: Mapping[str, UUID]
    warehouses: Mapping[str, UUID]


class _OnlyTried(Exception):
    """Undoes what was done to see whether it can be done."""

    def __init__(self, imported: Sequence[Imported]) -> None:
        super().__init__()
        self.imported = imported


async def import_keys(
    text: str, *, skip_known: bool = False, dry_run: bool = False
) -> Sequence[Imported]:
    """Make a client of each line of a file, active from now on.

    `skip_known` leaves lines alone that were imported before; else they are faults.

    Raises:
        UserErrors: all that is wrong with the file, by its lines; nothing was stored.

    """
    lines, faults = read(text)

    async def work() -> Sequence[Imported]:
        imported = await Import(lines, list(faults), skip_known=skip_known).carry_out()
        if dry_run:
            raise _OnlyTried(imported)
        return imported

    try:
        return await atomically(work)
    except _OnlyTried as tried:
        return tried.imported
    except Conflict:
        # Somebody imported the same meanwhile: now it is known, and told by its line.
        return await atomically(work)


class Import:
    """One file on its way into the database, within the transaction that is open."""

    def __init__(
        self, lines: Sequence[KeyLine], faults: list[UserError], *, skip_known: bool
    ) -> None:
        self.lines = lines
        self.faults = faults
        self.skip_known = skip_known
        self.changes = Changes()
        self.places: dict[UUID, Places] = {}

    async def carry_out(self) -> list[Imported]:
        """Look at every line, then store all of them or tell what is wrong with any."""
        known = {str(name): one for one in await tenants() for name in (one.id, one.name)}
        owned = [(line, whose) for line in self.lines if (whose := self._tenant(line, known))]
        # In one order, so that two imports at once cannot wait for each other.
        for tenant_id in sorted({whose.id for _, whose in owned}):
            await bump(tenant_id)
            self.places[tenant_id] = await _places(tenant_id)
        imported = [
            made for line, whose in owned if (made := await self._line(line, whose.id)) is not None
        ]
        if self.faults:
            raise UserErrors(sorted(self.faults, key=_number))
        await self.changes.flush()
        return imported

    def _tenant(self, line: KeyLine, known: Mapping[str, Tenant]) -> Tenant | None:
        everybody = list(dict.fromkeys(known.values()))
        found = known.get(line.tenant) if line.tenant else None
        if line.tenant is None and len(everybody) == 1:
            found = everybody[0]
        if found is None:
            message = f"There is no tenant `{line.tenant}`." if line.tenant else "Name the tenant."
            self.faults.append(fault(line.number, "tenant", message))
        elif found.name == line.tenant and sum(one.name == line.tenant for one in everybody) > 1:
            message = f"Several tenants are called `{line.tenant}`: name it by its id."
            self.faults.append(fault(line.number, "tenant", message))
        return found

    async def _line(self, line: KeyLine, tenant_id: UUID) -> Imported | None:
        before = await _before(line, tenant_id)
        if before is not None:
            if before.known and self.skip_known:
                return before
            self.faults.append(_taken(line, known=before.known))
            return None
        state = await self._state(line, tenant_id)
        key, credential_id, at = new_id(), new_id(), now()
        made = Imported(line, tenant_id, key)
        if self.faults:
            return made
        for value, kind, row_id in _names(line, key, credential_id):
            await Identity.create(value=value, kind=kind, tenant_id=tenant_id, row_id=row_id)
        flags = {"all_customers", "all_warehouses"}
        self.changes.insert(
            ApiClient,
            {
                "tenant_id": tenant_id,
                "id": key,
                "name": line.name,
                "active": True,
                "legacy": True,
                "legacy_identifier": line.identifier,
                "created_at": at,
                "modified_at": at,
                **{name: state[name] for name in flags},
            },
        )
        whose = {"tenant_id": tenant_id, "client_id": key}
        for what, (table, column) in LINKS.items():
            given = ({**whose, "id": new_id(), column: one} for one in state[what])
            self.changes.insert(table, *given)
        self.changes.insert(
            Credential,
            {
                "tenant_id": tenant_id,
                "id": credential_id,
                "client_id": key,
                "secret_hash": line.secret_hash,
                "legacy": True,
                "created_at": at,
            },
        )
        self._note(made, state)
        return made

    async def _state(self, line: KeyLine, tenant_id: UUID) -> dict[str, Any]:
        places = self.places[tenant_id]
        state = {
            **NOTHING,
            "name": line.name,
            "roles": list(line.roles),
            "all_customers": ALL in line.customers,
            "all_warehouses": ALL in line.warehouses,
            "customers": self._ids(line, "customers", line.customers, places.customers),
            "warehouses": self._ids(line, "warehouses", line.warehouses, places.warehouses),
        }
        faults = Faults()
        # The host acknowledges what there is to; the command says so.
        await check(tenant_id, NOTHING, state, {"acknowledge_full_access": True}, faults)
        for one in faults.errors:
            self.faults.append(fault(line.number, one.path[-1], one.message))
        return state

    def _ids(
        self, line: KeyLine, column: str, named: Sequence[str], known: Mapping[str, UUID]
    ) -> list[UUID]:
        for one in named:
            if one != ALL and one not in known:
                message = f"There is no {column.removesuffix('s')} `{one}`."
                self.faults.append(fault(line.number, column, message))
        return list(dict.fromkeys(known[one] for one in named if one in known))

    def _note(self, made: Imported, state: Mapping[str, Any]) -> None:
        after = client_changes.told({**state, "legacy_identifier": made.line.identifier})
        note(
            self.changes,
            Actor.host(made.tenant_id),
            AuditAction.KEY_IMPORTED,
            Subject(AuditSubject.API_CLIENT, made.client_id, made.line.name),
            after={**after, "active": True},
        )


async def _before(line: KeyLine, tenant_id: UUID) -> Imported | None:
    """Who has the identifier or the key of a line already; `known` where it is both of one."""
    wanted = {value: kind for value, kind, _ in _names(line, None, None)}
    found = await Identity.filter(value__in=list(wanted))
    taken = [one for one in found if one.kind is wanted[one.value]]
    same = await Credential.filter(
        tenant_id=tenant_id, secret_hash=line.secret_hash, legacy=True
    ).order_by("id")
    clients = {one.client_id for one in same}
    named = {one.row_id for one in taken if one.kind is IdentityKind.LEGACY_NAME}
    both = clients & named if line.identifier is not None else clients
    if both:
        return replace(Imported(line, tenant_id, both.pop()), known=True)
    return Imported(line, tenant_id, new_id()) if taken else None


def _names(
    line: KeyLine, client_id: UUID | None, credential_id: UUID | None
) -> list[tuple[str, IdentityKind, UUID | None]]:
    """What leads to a client of a line: its id, its identifier, its key if that can be found."""
    names: list[tuple[str, IdentityKind, UUID | None]] = []
    if client_id is not None:
        names.append((str(client_id), IdentityKind.CLIENT, client_id))
    if line.identifier is not None:
        names.append((BASIC + line.identifier, IdentityKind.LEGACY_NAME, client_id))
    if not is_salted(line.secret_hash):
        names.append((hex_of(line.secret_hash), IdentityKind.LEGACY_KEY, credential_id))
    return names


def _taken(line: KeyLine, *, known: bool) -> UserError:
    if known:
        message = "It was imported before; --skip-known leaves such lines as they are."
    else:
        message = "Another client has this identifier or this key."
    return fault(line.number, "identifier" if line.identifier else "key", message)


async def _places(tenant_id: UUID) -> Places:
    return Places(
        customers=_by_name(await Customer.filter(tenant_id=tenant_id).order_by("id")),
        warehouses=_by_name(await Warehouse.filter(tenant_id=tenant_id).order_by("id")),
    )


def _by_name(rows: Collection[Customer] | Collection[Warehouse]) -> dict[str, UUID]:
    return {name: one.id for one in rows for name in (one.code, str(one.id))}


def _number(one: UserError) -> int:
    return int(one.path[0].removeprefix("line "))
