"""How a column's value becomes JSON inside a statement, in either engine's words."""

from collections.abc import Iterable, Sequence

from models.database import Dialect
from models.money import PLACES_OTHER_THAN_TWO
from models.shapes import Kind

PAIRS_AT_ONCE = 50
"""`json_build_object` takes 100 arguments, `json_object` 127."""

GLUE = " || ',' || "


def encoded(kind: Kind, row: str, column: str, dialect: Dialect) -> str:
    """An expression for the value of `row.column`, ready to be a value in a JSON object."""
    at = f"{row}.{column}"
    postgres = dialect is Dialect.POSTGRES
    match kind:
        case Kind.SWITCH if not postgres:
            return f"json(CASE {at} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        case Kind.INSTANT if postgres:
            return f"""to_char({at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        case Kind.DATE if postgres:
            return f"to_char({at}, 'YYYY-MM-DD')"
        case Kind.QUANTITY:
            return _places(at, 6, trim=True, postgres=postgres)
        case Kind.AMOUNT:
            return _amount(at, f"{row}.{column}_currency", postgres=postgres)
        case Kind.JSON:
            return f"{at}::json" if postgres else f"json({at})"
        case _:
            return at


def _places(at: str, places: int, *, trim: bool, postgres: bool) -> str:
    """The integer at `at`, read as so many decimal places, as text."""
    if places == 0:
        return f"CAST({at} AS text)"
    if postgres:
        # Multiplied, not divided: a quotient is cut to 16 digits, a product never.
        exact = f"({at} * 0.{1:0{places}})"
        return f"trim_scale{exact}::text" if trim else f"{exact}::text"
    unit = 10**places
    parts = f"iif({at} < 0, '-', ''), abs({at}) / {unit}, abs({at}) % {unit}"
    text = f"printf('%s%d.%0{places}d', {parts})"
    if trim:
        text = f"iif({at} % {unit} = 0, CAST({at} / {unit} AS text), rtrim({text}, '0'))"
    return f"iif({at} IS NULL, NULL, {text})"


def _amount(at: str, currency: str, *, postgres: bool) -> str:
    """An amount with all the places of its currency."""
    by_places: dict[int, list[str]] = {}
    for code, places in PLACES_OTHER_THAN_TWO.items():
        by_places.setdefault(places, []).append(f"'{code}'")
    arms = " ".join(
        f"WHEN {currency} IN ({', '.join(codes)})"
        f" THEN {_places(at, places, trim=False, postgres=postgres)}"
        for places, codes in by_places.items()
    )
    return f"CASE {arms} ELSE {_places(at, 2, trim=False, postgres=postgres)} END"


def json_object(pairs: Iterable[tuple[str, str]], dialect: Dialect) -> str:
    """A JSON object of (key, expression) pairs, however many there are.

    Keys are GraphQL names, so they hold nothing that a quote could end.
    """
    pairs = list(pairs)
    chunks = [pairs[at : at + PAIRS_AT_ONCE] for at in range(0, len(pairs), PAIRS_AT_ONCE)]
    if len(chunks) > 1:
        return _glued(chunks, dialect)
    return _built(pairs, dialect)


def _built(pairs: Iterable[tuple[str, str]], dialect: Dialect) -> str:
    build = "json_build_object" if dialect is Dialect.POSTGRES else "json_object"
    return f"{build}({', '.join(f'{literal(key)}, {value}' for key, value in pairs)})"


def _glued(chunks: Sequence[Sequence[tuple[str, str]]], dialect: Dialect) -> str:
    """An object of more pairs than fit into one call, joined as text."""
    if dialect is Dialect.POSTGRES:
        inner = [f"substr(left(({_built(chunk, dialect)})::text, -1), 2)" for chunk in chunks]
        return "('{' || " + GLUE.join(inner) + " || '}')::json"
    return "json('{' || " + GLUE.join(map(_printed, chunks)) + " || '}')"


def _printed(pairs: Sequence[tuple[str, str]]) -> str:
    """The inside of an object, on SQLite.

    Each value stands in it once: twice here would be four times one object further in. And it is
    one call: expressions nest a thousand deep at most, and every `||` is one.
    """
    form = ",".join(f'"{key}":%s' for key, _ in pairs)
    return f"printf('{form}', {', '.join(f'json_quote({value})' for _, value in pairs)})"


def literal(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("'", "''") + "'"
