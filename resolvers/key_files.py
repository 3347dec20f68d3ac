"""Files of legacy keys: what stands in each line, before anything of it is looked up."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.words import ApiRole, UserErrorCode
from resolvers.errors import UserError, UserErrors
from resolvers.key_hashes import is_salted, kept_hash, kept_key, looks_like_a_hash
from resolvers.legacy_keys import LONGEST_IDENTIFIER

COLUMNS = ("identifier", "key", "hash", "tenant", "name", "roles", "customers", "warehouses")
NEEDED = ("tenant", "roles", "customers", "warehouses")
LONGEST_KEY = 512
LONGEST_NAME = 200
GUESSABLE = 20
"""Characters of a key that might be found by trying: whoever imports it is told."""

ALL = "*"
PRINTABLE = re.compile(r"[\x20-\x7e\u00a1-\U0010ffff]+")
SEPARATORS = re.compile(r"[;\s]+")
HASHES = "sha256:<hex>, $argon2id$, $2a$, $2b$, $2y$ and pbkdf2_sha256$, none dearer than usual"


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One line: a key, whose it is and what it reaches, as they are written."""

    number: int
    identifier: str | None
    secret_hash: str = field(repr=False)
    tenant: str | None
    name: str
    roles: Sequence[ApiRole]
    customers: Sequence[str]
    warehouses: Sequence[str]
    guessable: bool


def read(text: str) -> tuple[list[KeyLine], list[UserError]]:
    """The lines of a file, and all that is wrong with them.

    Raises:
        UserErrors: it has not the columns it needs.

    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    faults: list[UserError] = []
    lines: list[KeyLine] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _raise_any(_faults_of_header(header))
        number = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                line = Line(number, header, cells)
                made = line.key()
                faults += line.faults
                lines += [made] if made else []
            number = reader.line_num + 1
    except csv.Error as wrong:
        faults.append(fault(reader.line_num, None, f"This is no CSV: {wrong}."))
    return lines, [*faults, *_twice(lines)]


def fault(number: int, column: str | None, message: str) -> UserError:
    """What is wrong in a line."""
    path = [f"line {number}"] + ([column] if column else [])
    return UserError(UserErrorCode.INVALID, path, message)


class Line:
    """A line that is read, with what is wrong with it."""

    def __init__(self, number: int, header: Sequence[str], cells: Sequence[str]) -> None:
        self.number = number
        self.faults: list[UserError] = []
        self.cells = dict(zip(header, cells, strict=False))
        if len(cells) != len(header):
            self._wrong(None, f"It has {len(cells)} columns, and the header {len(header)}.")

    def key(self) -> KeyLine | None:
        """What it says, if nothing is wrong with it."""
        identifier = self._identifier()
        secret_hash = self._secret_hash()
        name = self.cells.get("name", "").strip() or identifier
        if not name:
            self._wrong("name", "A key without an identifier needs a name.")
        elif len(name) > LONGEST_NAME or not PRINTABLE.fullmatch(name):
            self._wrong("name", f"A name has at most {LONGEST_NAME} characters, all printable.")
        if secret_hash and is_salted(secret_hash) and not identifier:
            self._wrong("identifier", "A salted hash is only found by an identifier.")
        roles = list(self._roles())
        if self.faults or secret_hash is None or not name:
            return None
        key = self.cells.get("key", "")
        return KeyLine(
            number=self.number,
            identifier=identifier,
            secret_hash=secret_hash,
            tenant=self.cells["tenant"].strip() or None,
            name=name,
            roles=roles,
            customers=self._list("customers"),
            warehouses=self._list("warehouses"),
            guessable=0 < len(key) < GUESSABLE,
        )

    def _identifier(self) -> str | None:
        given = self.cells.get("identifier", "")
        if not given:
            return None
        if len(given) > LONGEST_IDENTIFIER or ":" in given or not PRINTABLE.fullmatch(given):
            longest = f"at most {LONGEST_IDENTIFIER} printable characters"
            self._wrong("identifier", f"An identifier has {longest}, and no colon (HTTP Basic).")
        return given

    def _secret_hash(self) -> str | None:
        key, given = self.cells.get("key", ""), self.cells.get("hash", "").strip()
        if bool(key) is bool(given):
            self._wrong("key", "Either the key or its hash is given, and never both.")
            return None
        if given:
            if (kept := kept_hash(given)) is None:
                self._wrong("hash", f"The hashes that are known: {HASHES}.")
            return kept
        if looks_like_a_hash(key):
            self._wrong("key", "This looks like a hash, which belongs into the column `hash`.")
        elif len(key) > LONGEST_KEY or key != key.strip() or not PRINTABLE.fullmatch(key):
            longest = f"at most {LONGEST_KEY} printable characters"
            self._wrong("key", f"A key has {longest}, and no space at its ends.")
        return kept_key(key)

    def _roles(self) -> Iterator[ApiRole]:
        for one in dict.fromkeys(self._list("roles")):
            try:
                yield ApiRole(one.upper())
            except ValueError:
                self._wrong("roles", f"There is no role `{one}`.")

    def _list(self, column: str) -> list[str]:
        return [one for one in SEPARATORS.split(self.cells.get(column, "")) if one]

    def _wrong(self, column: str | None, message: str) -> None:
        self.faults.append(fault(self.number, column, message))


def _faults_of_header(header: Sequence[str]) -> list[UserError]:
    faults = [fault(1, name, "There is no such column.") for name in header if name not in COLUMNS]
    faults += [fault(1, name, "This column is missing.") for name in NEEDED if name not in header]
    if "key" not in header and "hash" not in header:
        faults.append(fault(1, "key", "One of the columns `key` and `hash` is needed."))
    if len(set(header)) < len(header):
        faults.append(fault(1, None, "A column is there more than once."))
    return faults


def _twice(lines: Sequence[KeyLine]) -> Iterator[UserError]:
    """Identifiers and keys lead to one client each."""
    names: dict[str, int] = {}
    hashes: dict[str, int] = {}
    for line in lines:
        if line.identifier is not None:
            first = names.setdefault(line.identifier, line.number)
            if first != line.number:
                yield fault(line.number, "identifier", f"It is in line {first} already.")
        first = hashes.setdefault(line.secret_hash, line.number)
        if first != line.number:
            yield fault(line.number, "key", f"It is in line {first} already.")


def _raise_any(faults: Sequence[UserError]) -> None:
    if faults:
        raise UserErrors(faults)
