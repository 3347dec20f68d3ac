"""How a column's value becomes JSON inside a statement, in either engine's words."""

from collections.abc import Iterable

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
    unit = 10**places
    if postgres:
        exact = f"round({at}::numeric / {unit}, {places})"
        return f"trim_scale({exact})::text" if trim else f"{exact}::text"
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
    build = "json_build_object" if dialect is Dialect.POSTGRES else "json_object"
    written = [f"{literal(key)}, {value}" for key, value in pairs]
    chunks = [
        f"{build}({', '.join(written[at : at + PAIRS_AT_ONCE])})"
        for at in range(0, len(written), PAIRS_AT_ONCE)
    ]
    if len(chunks) <= 1:
        return chunks[0] if chunks else f"{build}()"
    return _glued(chunks, dialect)


def _glued(chunks: list[str], dialect: Dialect) -> str:
    """Several JSON objects as one, joined as text between their braces."""
    if dialect is Dialect.POSTGRES:
        inner = [f"substr(left(({chunk})::text, -1), 2)" for chunk in chunks]
        return "('{' || " + GLUE.join(inner) + " || '}')::json"
    inner = [f"substr({chunk}, 2, length({chunk}) - 2)" for chunk in chunks]
    return "json('{' || " + GLUE.join(inner) + " || '}')"


def literal(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("'", "''") + "'"
