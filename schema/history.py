"""What the histories of all nouns tell, and what policies did to orders."""

from datetime import datetime

import strawberry

from models.words import PolicyCode
from schema.declaring import JsonText, Of, column


@strawberry.type
class Event:
    """The fields of one change; each noun's own type adds who may read it, and its status."""

    version: int = column("The version that it made.")
    changed: list[str] = column("The fields that it set.", JsonText("changed"))
    at: datetime = column("When.")
    client: strawberry.ID | None = column("The API client that made it.", Of("client_id"))
    staff_user: strawberry.ID | None = column(
        "The person who made it; with neither, the service did it by itself.", Of("staff_user_id")
    )


@strawberry.type
class PolicyNote:
    """The fields of one thing that a policy did."""

    code: PolicyCode = column("What it did.")
    path: list[str] = column("The place in the input.", JsonText("path"))
    message: str = column("The same in words.")
