"""`dockgate audit`: who changed what of who may do what."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from models.words import ActorKind, AuditAction, AuditSubject
from resolvers import audit_log
from resolvers.audit_log import Told
from server.terminal import AsJson, OfTenant, carry_out, print_rows, tenant_id

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

app = typer.Typer(no_args_is_help=True, help="Who changed what of who may do what.")


@app.callback()
def audit() -> None:
    """Keep `list` a word of its own, though there is no other yet."""


@app.command("list")
def list_events(
    *,
    of: OfTenant = None,
    kind: Annotated[AuditSubject | None, typer.Option(help="Of what is changed.")] = None,
    subject: Annotated[UUID | None, typer.Option(help="The id of what is changed.")] = None,
    action: Annotated[AuditAction | None, typer.Option(help="What was done.")] = None,
    actor: Annotated[ActorKind | None, typer.Option(help="Who did it.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="At that time or later, in UTC.", formats=TIMES)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The changes that fit, newest first."""

    async def work() -> list[Told]:
        return await audit_log.events(
            await tenant_id(of),
            subject_kind=kind,
            subject=subject,
            action=action,
            actor=actor,
            since=None if since is None else since.replace(tzinfo=UTC),
            most=limit,
        )

    print_rows([_told(one, as_json=as_json) for one in carry_out(work)], as_json=as_json)


def _told(one: Told, *, as_json: bool) -> dict[str, Any]:
    event = one.event
    before, after = (orjson.loads(text) for text in (event.before, event.after))
    return {
        "at": event.at.astimezone(UTC).isoformat(),
        "actor": event.actor.value,
        "by": one.actor,
        "action": event.action.value,
        "kind": event.subject.value,
        "subject": None if event.subject_id is None else str(event.subject_id),
        "name": event.subject_name,
        "before": before if as_json else event.before,
        "after": after if as_json else event.after,
        "address": event.address,
        "request_id": event.request_id,
    }
