"""What the histories of jobs and products say beside the ledger and themselves."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from models import verify_jobs
from models.verify_jobs import JOBS, KINDS, Found, Kind
from resolvers.differences import Difference


async def differences(tenant_id: UUID) -> list[Difference]:
    """What is charged, numbered or moved otherwise than it should be."""
    found: list[Difference] = []
    for kind in KINDS:
        found += await _charges(tenant_id, kind)
        found += _told(
            tenant_id,
            "history is numbered from 1 to the version",
            kind,
            await verify_jobs.with_broken_history(tenant_id, kind),
        )
    for kind in JOBS:
        found += await _statuses(tenant_id, kind)
    return found


async def _charges(tenant_id: UUID, kind: Kind) -> list[Difference]:
    rule = "what a client did is charged once, in a sandbox never"
    found: list[Difference] = []
    for charge in kind.charges:
        wrong = await verify_jobs.not_charged_once(tenant_id, kind, charge)
        found += _told(tenant_id, rule, kind, wrong)
    missing = await verify_jobs.charged_but_not_stored(tenant_id, kind)
    found += _told(tenant_id, "what was charged exists", kind, missing)
    return found


async def _statuses(tenant_id: UUID, kind: Kind) -> list[Difference]:
    standing = await verify_jobs.with_another_status(tenant_id, kind)
    return [
        *_told(tenant_id, "a job stands where its last change left it", kind, standing),
        *(
            Difference(
                tenant_id,
                "a status follows the one before",
                f"{kind.noun} {step.id}",
                f"what may follow {step.before}" if step.before else "a beginning",
                step.after,
            )
            for step in await verify_jobs.illegal_steps(tenant_id, kind)
        ),
    ]


def _told(tenant_id: UUID, rule: str, kind: Kind, wrong: Sequence[Found]) -> Iterator[Difference]:
    for one in wrong:
        yield Difference(tenant_id, rule, f"{kind.noun} {one.id}", one.expected, one.found)
