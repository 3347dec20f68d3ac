"""A page of a list becomes one SQL statement: its rows, and what is asked about the whole list."""

from models.compiling import Columns, Statement, Writer, columns_of
from models.database import Dialect
from models.reach import Reach
from models.record import Record
from models.shapes import Grouping, Page, Shape


def one_page(shapes: list[Shape], table: type[Record], page: Page, reach: Reach) -> Statement:
    """The rows of a page, one after the other, and what was asked about the whole list.

    Columns: each shape's JSON, then the row's place; then the total and whether there are
    rows outside of either place, where asked. With those and an empty page there is one row of
    nulls.
    """
    writer = Writer(reach)
    facts = []
    if page.wants_total:
        facts.append(f"({_count(writer, table, page)}) AS total")
    if not page.wants_rows:
        return writer.finish(f"SELECT {', '.join(facts)}")
    if page.wants_ends and page.after is not None:
        facts.append(f"({_outside(writer, table, page, 'after')}) AS earlier")
    if page.wants_ends and page.before is not None:
        facts.append(f"({_outside(writer, table, page, 'before')}) AS later")
    rows = _rows(writer, shapes, table, page)
    if not facts:
        return writer.finish(rows)
    places = [f"p.place{n}" for n in range(len(page.order.columns))]
    return writer.finish(
        f"SELECT p.*, {', '.join(facts)} FROM (SELECT 1 AS one) o LEFT JOIN ({rows}) p ON 1 = 1"
        f" {_by(page, places)}"
    )


def _by(page: Page, columns: list[str]) -> str:
    way = "DESC" if page.order.descending is not page.backward else "ASC"
    return f"ORDER BY {', '.join(f'{column} {way}' for column in columns)}"


def _rows(writer: Writer, shapes: list[Shape], table: type[Record], page: Page) -> str:
    order, row = page.order, writer.alias()
    columns = _columns(page.grouping, row)
    conditions = []
    if page.after is not None:
        conditions.append(writer.beyond(order, columns, "after", later=True))
    if page.before is not None:
        conditions.append(writer.beyond(order, columns, "before", later=False))
    chosen = f"{row}.*"
    if page.grouping is not None:
        chosen = ", ".join(f"{columns(name)} AS {name}" for name, _ in page.grouping.columns)
    # The page is cut first, so that nothing is made of the rows that it leaves out. Its size
    # stands in the text: one that it is not told, PostgreSQL takes for a tenth of the list, and
    # then plans the page anew each time.
    cut = (
        f"SELECT {chosen} {_of(writer, table, page, row, *conditions)}"
        f" {_by(page, [columns(name) for name in order.columns])} LIMIT {page.size + 1}"
    )
    places = [f"{row}.{name}" for name in order.columns]
    wanted = [f"{writer.object(shape, row)} AS j{n}" for n, shape in enumerate(shapes)]
    wanted += [f"{place} AS place{n}" for n, place in enumerate(places)]
    return f"SELECT {', '.join(wanted)} FROM ({cut}) {row} {_by(page, places)}"


def _count(writer: Writer, table: type[Record], page: Page) -> str:
    row = writer.alias()
    if page.grouping is None:
        return f"SELECT count(*) {_of(writer, table, page, row)}"
    return f"SELECT count(*) FROM (SELECT 1 {_of(writer, table, page, row)}) g"


def _outside(writer: Writer, table: type[Record], page: Page, place: str) -> str:
    """Whether the list has rows on the other side of a place."""
    row = writer.alias()
    # The row of the place itself counts, so "not past it" is asked rather than "before it".
    columns = _columns(page.grouping, row)
    past = writer.beyond(page.order, columns, place, later=place == "after")
    return f"SELECT EXISTS (SELECT 1 {_of(writer, table, page, row, f'NOT {past}')})"


def _columns(grouping: Grouping | None, row: str) -> Columns:
    """What stands for the columns of the list's rows, where they are made of `row`."""
    if grouping is None:
        return columns_of(row)
    made = dict(grouping.columns)
    return lambda column: made[column].format(row=row)


def _of(writer: Writer, table: type[Record], page: Page, row: str, *conditions: str) -> str:
    """The rows of the list for which the conditions hold, too: all from FROM on but their order."""
    grouping = page.grouping
    writer.in_order = grouping is not None and bool(grouping.bound)
    where = [writer.within(table, row), writer.filter(page.where, columns_of(row)), *conditions]
    writer.in_order = False
    if grouping is None:
        return f"FROM {writer.source(table)} {row} WHERE {' AND '.join(where)}"
    if grouping.bound and writer.engine is Dialect.SQLITE:
        where.append(grouping.bound.format(row=row))
    given = {name: writer.value(name) for name, _ in page.given}
    return (
        f"FROM {table._meta.db_table} {row}{grouping.join.format(row=row, **given)}"
        f" WHERE {' AND '.join(where)}"
        f" GROUP BY {', '.join(one.format(row=row) for one in grouping.by)}"
        f" HAVING {writer.filter(page.having, _columns(grouping, row), 'having')}"
    )
