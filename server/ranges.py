"""Conditional and range requests for one file (RFC 9110, sections 13 and 14)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from starlette.datastructures import Headers

ONE_RANGE = re.compile(r"bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*", re.ASCII | re.IGNORECASE)
TAG = re.compile(r'(?:W/)?"[!#-~\x80-\xff]*"')
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Whole:
    """A file as a client sees it."""

    tag: str
    """Its strong entity tag, in quotes."""
    modified: datetime
    size: int


@dataclass(frozen=True)
class Part:
    """What to answer, and from which byte on to before which."""

    status: HTTPStatus
    first: int = 0
    beyond: int = 0


def part_of(file: Whole, method: str, headers: Headers) -> Part:
    """The preconditions in their order (13.2.2), then the range."""
    if not _as_expected(file, headers):
        return Part(HTTPStatus.PRECONDITION_FAILED)
    if _known_already(file, headers):
        return Part(HTTPStatus.NOT_MODIFIED)
    whole = Part(HTTPStatus.OK, 0, file.size)
    # Ranges are defined for GET alone (14.2).
    if method != "GET" or not _if_range(file, headers.get("if-range")):
        return whole
    return _range(file.size, headers.get("range")) or whole


def http_date(at: datetime) -> str:
    """An instant as HTTP writes it."""
    return format_datetime(at.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _as_expected(file: Whole, headers: Headers) -> bool:
    if (tags := headers.get("if-match")) is not None:
        return tags.strip() == "*" or file.tag in TAG.findall(tags)
    since = _date(headers.get("if-unmodified-since"))
    return since is None or file.modified.replace(microsecond=0) <= since


def _known_already(file: Whole, headers: Headers) -> bool:
    if (tags := headers.get("if-none-match")) is not None:
        known = {tag.removeprefix("W/") for tag in TAG.findall(tags)}
        return tags.strip() == "*" or file.tag in known
    since = _date(headers.get("if-modified-since"))
    return since is not None and file.modified.replace(microsecond=0) <= since


def _if_range(file: Whole, validator: str | None) -> bool:
    """Whether what the client has is of this file; a weak tag never says so (13.1.5)."""
    if validator is None:
        return True
    if validator.strip().startswith(('"', "W/")):
        return validator.strip() == file.tag
    return _date(validator) == file.modified.replace(microsecond=0)


def _range(size: int, asked: str | None) -> Part | None:
    """The one range that is asked for; several, and what is none, may be ignored (14.2)."""
    found = ONE_RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or any(len(one or "") > LONGEST_NUMBER for one in found.groups()):
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        begin, beyond = max(0, size - int(suffix)), size
    else:
        begin, beyond = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < begin:
            return None  # it is no range (14.1.1)
    if begin >= beyond:
        return Part(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    return Part(HTTPStatus.PARTIAL_CONTENT, begin, beyond)


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
