"""How the rows of a report are written: CSV as in RFC 4180, or JSON, one object a line."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from models.fields import millionths_text
from models.words import ReportFormat


@dataclass(frozen=True)
class StockRow:
    """One row of a stock report; what rows were added up over is None. Amounts in millionths."""

    customer: str | None
    warehouse: str | None
    product: str | None
    product_name: str | None
    batch: str | None
    expiry_date: date | None
    condition: str | None
    quantity: int
    allocated: int
    free: int
    incoming: int


COLUMNS = (
    "customerCode",
    "warehouseCode",
    "productCode",
    "productName",
    "batch",
    "expiryDate",
    "condition",
    "quantity",
    "allocated",
    "free",
    "incoming",
)

FORMULA = re.compile("[ ]*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet would carry out instead of showing it, in wide letters too."""


def head(form: ReportFormat) -> bytes:
    """What comes before the rows."""
    return _csv([COLUMNS]) if form is ReportFormat.CSV else b""


def lines(form: ReportFormat, rows: Sequence[StockRow]) -> bytes:
    """Rows as they stand in the file."""
    if form is ReportFormat.CSV:
        return _csv([_cells(row) for row in rows])
    return b"".join(
        orjson.dumps(
            dict(zip(COLUMNS, _values(row), strict=True)), option=orjson.OPT_APPEND_NEWLINE
        )
        for row in rows
    )


def _values(row: StockRow) -> tuple[Any, ...]:
    amounts = (row.quantity, row.allocated, row.free, row.incoming)
    return (
        row.customer,
        row.warehouse,
        row.product,
        row.product_name,
        row.batch,
        row.expiry_date,
        row.condition,
        *map(millionths_text, amounts),
    )


TEXTS = 5
"""The columns that hold what people typed come first."""


def _cells(row: StockRow) -> list[Any]:
    values = _values(row)
    return [*map(harmless, values[:TEXTS]), *values[TEXTS:]]


def harmless(text: str | None) -> str | None:
    """A text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text is not None and FORMULA.match(text) else text


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    return written.getvalue().encode()
