"""How the secrets of API clients are spelled, so that people and scanners recognise one.

`dgs_` is traded for tokens, `dgk_` is the key of a client from before tokens. Then, in lower-case
base32 without padding: five bytes that name the credential, 256 random bits, and the CRC-32
(big-endian) of all these bytes. A scanner that finds `dg[sk]_[a-z2-7]{66}` in a file can be sure
by the checksum that it was made here, and asks nobody. Whether it still works is another question.
"""

import base64
import binascii
import re
import secrets
import zlib
from uuid import UUID

SECRET_PREFIX = "dgs_"  # noqa: S105 - how secrets begin, so that scanners find leaked ones
KEY_PREFIX = "dgk_"
SECRET = re.compile(r"dg[sk]_([a-z2-7]{66})")

TAG_BYTES = 5
RANDOM_BYTES = 32
CHECKSUM_BYTES = 4


def new_text(credential_id: UUID, prefix: str = SECRET_PREFIX) -> str:
    """Make the secret of a credential."""
    body = tag_of(credential_id) + secrets.token_bytes(RANDOM_BYTES)
    return prefix + letters(body + _checksum(body))


def is_wellformed_secret(text: str) -> bool:
    """Whether this is how a secret of ours is spelled, its checksum included.

    For scanners: it asks no database, and says nothing of whether the secret ever worked.
    """
    spelled = SECRET.fullmatch(text)
    if spelled is None:
        return False
    told = _bytes(spelled[1])
    body, checksum = told[:-CHECKSUM_BYTES], told[-CHECKSUM_BYTES:]
    # Bits that fill the last letter up are written as zeros, so that a secret has one spelling.
    return checksum == _checksum(body) and letters(told) == spelled[1]


def tag_in(text: str) -> bytes | None:
    """The bytes that name the credential whose secret this could be."""
    try:
        return base64.b32decode(text.removeprefix(SECRET_PREFIX)[:8].upper())
    except (binascii.Error, ValueError):
        return None


def tag_of(credential_id: UUID) -> bytes:
    """Random bytes of the credential's id, in no way secret."""
    return credential_id.bytes[-TAG_BYTES:]


def letters(value: bytes) -> str:
    """Letters and digits only, so that no form, header or shell has to quote them."""
    return base64.b32encode(value).decode().rstrip("=").lower()


def _bytes(spelled: str) -> bytes:
    return base64.b32decode(spelled.upper() + "=" * (-len(spelled) % 8))


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(CHECKSUM_BYTES)
