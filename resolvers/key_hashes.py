"""How legacy keys are kept: as the hash that somebody made of them once, whatever its kind.

What we know ourselves is kept as `sha256$<hex>`: such a key is found by its hash. The others are
salted, so that they can only be checked where an identifier tells which one to check; all of them
are slow, and only computed in the line of `resolvers.hashing`.
"""

import base64
import binascii
import hashlib
import hmac
import re

import bcrypt
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

SHA256 = "sha256$"
GIVEN_SHA256 = re.compile(r"sha256:([0-9a-fA-F]{64})")
BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
DJANGO = re.compile(r"pbkdf2_sha256\$(\d{1,9})\$([^$]+)\$([A-Za-z0-9+/]{43}=)")
ARGON2 = "$argon2id$"

LONGEST_BCRYPT = 72
"""Bytes of a key that bcrypt looks at."""

MOST_ROUNDS = 13
MOST_ITERATIONS = 1_500_000
MOST_WORK = 3 * 65_536
"""KiB times passes. Whoever guesses has us compute this: more would make a bomb of it."""

MOST_LANES = 8


def kept_key(key: str) -> str:
    """The hash by which a key is kept and found."""
    return SHA256 + hashlib.sha256(key.encode()).hexdigest()


def kept_hash(given: str) -> str | None:
    """A hash as it is kept, if it is of a kind we know and not dearer than we can bear."""
    if plain := GIVEN_SHA256.fullmatch(given):
        return SHA256 + plain[1].lower()
    if known := BCRYPT.fullmatch(given):
        return given if 4 <= int(known[1]) <= MOST_ROUNDS else None  # noqa: PLR2004 - its least
    if known := DJANGO.fullmatch(given):
        return given if 0 < int(known[1]) <= MOST_ITERATIONS else None
    return given if given.startswith(ARGON2) and _bearable(given) else None


def looks_like_a_hash(key: str) -> bool:
    """Whether somebody put a hash where the key itself belongs."""
    return key.startswith(("sha256:", "sha256$", "$argon2", "$2a$", "$2b$", "$2y$", "pbkdf2_"))


def is_salted(kept: str) -> bool:
    """Whether it can be checked, but not looked for."""
    return not kept.startswith(SHA256)


def hex_of(kept: str) -> str:
    """What a key that is not salted is looked for by."""
    return kept.removeprefix(SHA256)


def is_key_of(kept: str, key: str) -> bool:
    """Whether it is the key of a hash that is not salted, in constant time."""
    return hmac.compare_digest(kept, kept_key(key))


def verify_salted(kept: str, key: str) -> bool:
    """Whether it is the key of a salted hash. Blocks: run it in the line."""
    if kept.startswith("$2"):
        return _verify_bcrypt(kept, key)
    if known := DJANGO.fullmatch(kept):
        made = hashlib.pbkdf2_hmac("sha256", key.encode(), known[2].encode(), int(known[1]))
        return hmac.compare_digest(base64.b64encode(made).decode(), known[3])
    try:
        return PasswordHasher().verify(kept, key)
    except (VerificationError, InvalidHashError):
        return False


def _verify_bcrypt(kept: str, key: str) -> bool:
    # Its other implementations looked at no more than this, and so did whoever made the hash.
    shown = key.encode()[:LONGEST_BCRYPT]
    try:
        return bcrypt.checkpw(shown, kept.encode())
    except ValueError:
        return False


def _bearable(given: str) -> bool:
    try:
        facts = extract_parameters(given)
        salt, made = (base64.b64decode(part + "==") for part in given.split("$")[-2:])
    except (InvalidHashError, binascii.Error, ValueError):
        return False
    work = facts.memory_cost * facts.time_cost
    whole = len(salt) == facts.salt_len and len(made) == facts.hash_len
    return whole and 0 < work <= MOST_WORK and 0 < facts.parallelism <= MOST_LANES
