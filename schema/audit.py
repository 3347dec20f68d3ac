"""The audit log, as administrators read it."""

from datetime import datetime
from enum import Enum

import strawberry

from models.audit import AuditEvent as AuditEventRow
from models.shapes import Kind
from models.words import ActorKind, AuditAction, AuditSubject
from schema.access import ADMIN
from schema.common import Direction
from schema.declaring import Embedded, JsonText, Made, Of, column, output
from schema.filters import AND, NOT, OR, DateTimeFilter, IdFilter, combined, compared
from schema.lists import connection_of, listing, sort_of
from schema.scalars import Json

ActorKindEnum = strawberry.enum(ActorKind, description="Who can change who may do what.")
AuditActionEnum = strawberry.enum(AuditAction, description="What was done.")
AuditSubjectEnum = strawberry.enum(
    AuditSubject, name="AuditSubjectKind", description="What the audit log is about."
)


@output(ADMIN, description="Who made a change.")
class AuditActor:
    kind: ActorKind = column("What kind of actor.", Of("actor"))
    id: strawberry.ID | None = column(
        "The person's or the client's; null for the host and the service.", Made(Kind.ID)
    )
    name: str | None = column("What they are called now.", Made(Kind.TEXT))


@output(ADMIN, description="What was changed.")
class AuditedThing:
    kind: AuditSubject = column("What kind of thing.", Of("subject"))
    id: strawberry.ID | None = column("Its id, if it has one.")
    name: str = column("What it was called then.")


@output(
    ADMIN,
    description="One change of who may do what. Nothing of it is ever changed or deleted.",
    table=AuditEventRow,
)
class AuditEvent:
    id: strawberry.ID = column("A bare lower-case UUID (v7).")
    at: datetime = column("When.")
    actor: AuditActor = column("Who did it.", Embedded("actor_"))
    action: AuditAction = column("What was done.")
    subject: AuditedThing = column("To what.", Embedded("subject_"))
    before: Json = column(
        "What is different, as it was, by the names of the schema; empty for something new.",
        JsonText("before"),
    )
    after: Json = column("The same as it is. Never a secret.", JsonText("after"))
    address: str | None = column("From where it was asked for; null on the command line.")
    request_id: str | None = column("By which request; null on the command line.")


AuditEventConnection = connection_of(AuditEvent, ADMIN, "a change", "changes")


@strawberry.input(description="Which changes.")
class AuditEventFilter:
    and_: list["AuditEventFilter"] | None = combined("and", AND)
    or_: list["AuditEventFilter"] | None = combined("or", OR)
    not_: "AuditEventFilter | None" = combined("not", NOT)
    at: DateTimeFilter | None = compared("at", "By when.")
    action: AuditAction | None = compared("action", "By what was done.")
    actor: ActorKind | None = compared("actor", "By the kind of who did it.")
    staff_user: IdFilter | None = compared("staff_user_id", "By the person who did it.")
    client: IdFilter | None = compared("client_id", "By the client that did it.")
    subject_kind: AuditSubject | None = compared("subject", "By the kind of what was changed.")
    subject: IdFilter | None = compared("subject_id", "By what was changed.")


@strawberry.enum(description="What changes are ordered by.")
class AuditEventSortField(Enum):
    AT = "at"


AuditEventSort = sort_of("AuditEvent", "changes", AuditEventSortField.AT, Direction.DESC)


@strawberry.type
class AuditQuery:
    audit_log = listing(
        ADMIN,
        of=AuditEventConnection,
        filter=AuditEventFilter,
        sort=AuditEventSort,
        description="Who changed what of who may do what, a page at a time, newest first.",
        billable=False,
    )
