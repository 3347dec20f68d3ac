"""Stock on hand, as it is asked: by level or put together, as it is or as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.shapes import EVERYTHING, All, Either, Not, Op, Order, Page, Predicate, Test
from models.stock_on_hand import SUMMED, place_of, put_together, told_of
from models.words import StockDimension
from resolvers.commands import now
from resolvers.errors import BadInput

SOMETHING = Either(
    tuple(Test(column, Op.AT_LEAST, 1) for column in ("quantity", "incoming", "allocated"))
)


@dataclass(frozen=True)
class Question:
    """What somebody wants to know of stock."""

    customer_id: UUID | None = None
    warehouse_id: UUID | None = None
    as_of: datetime | None = None
    by: Sequence[StockDimension] | None = None
    where: Predicate = EVERYTHING
    empty: bool = False
    """Whether rows are told, too, of which nothing is there or announced."""
    descending: bool = False


def whole(question: Question) -> Page:
    """The list that answers a question.

    Raises:
        BadInput: the instant is still to come, there is nothing to add up by, or the filter
            asks in one breath about sums and about what is put together in them.

    """
    if question.as_of is not None and question.as_of > now():
        raise BadInput("`asOf` is still to come; stock is known up to now.", path=["asOf"])
    if question.by is not None and not question.by:
        raise BadInput("Name what stock is to be added up by.", path=["aggregateBy"])
    by = None if question.by is None else frozenset(question.by)
    place = place_of(by)
    (first, *ties) = [(part.name, part.kind) for part in place]
    order = Order(*first, descending=question.descending, ties=tuple(ties))
    conditions = [
        *(
            Test(column, Op.EQ, id_)
            for column, id_ in (
                ("customer_id", question.customer_id),
                ("warehouse_id", question.warehouse_id),
            )
            if id_ is not None
        ),
        *_conditions(question.where),
        *(() if question.empty else (SOMETHING,)),
    ]
    if by is None and question.as_of is None:
        return Page(order, where=All(tuple(conditions)))
    told = told_of(by)
    of_sums = [one for one in conditions if _is_of_sums(one, told)]
    return Page(
        order,
        where=All(tuple(one for one in conditions if one not in of_sums)),
        having=All(tuple(of_sums)),
        grouping=put_together(by, as_of=question.as_of is not None),
        given=() if question.as_of is None else (("as_of", question.as_of),),
    )


def _conditions(where: Predicate) -> Iterator[Predicate]:
    """What must hold one by one."""
    if isinstance(where, All):
        for part in where.parts:
            yield from _conditions(part)
    else:
        yield where


def _is_of_sums(condition: Predicate, told: frozenset[str]) -> bool:
    """Whether a condition is about rows put together; else it says what is put together.

    Raises:
        BadInput: it is about both, and cannot be taken apart.

    """
    asked = set(_columns(condition))
    if asked.isdisjoint(SUMMED):
        return False
    if asked - SUMMED <= told:
        return True
    raise BadInput(
        "An `or` or `not` with amounts can only hold besides what stock is added up by.",
        path=["filter"],
    )


def _columns(condition: Predicate) -> Iterator[str]:
    match condition:
        case Test(column):
            yield column
        case Not(part):
            yield from _columns(part)
        case All(parts) | Either(parts):
            for part in parts:
                yield from _columns(part)
