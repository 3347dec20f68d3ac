"""How much one request may ask. All are settings; an error names the one it hit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one operation."""

    characters: int = 15_000
    tokens: int = 2_000
    operations: int = 50
    """In one document: validation walks all of it for each of them."""
    depth: int = 12
    aliases: int = 15
    """Of one root field."""
    root_fields: int = 50
    cost: int = 10_000
    """1 an object, nothing a scalar, lists times their page size."""
    errors: int = 50
    """Told in one answer."""
    nested: int = 100
    """Selections in one another with all fragments, which `depth` does not count, and values in
    one another; so that no walk over them runs out of stack.
    """
    repeated: int = 100
    """Fields beside others of the same key: validation compares each with each."""
    values: int = 10_000
    """Objects and lists in the variables of a request; coercing one takes up to 50 us."""
    names: int = 1_000
    """In one object of the variables: if it is wrong, each fault tells all of it."""
    entries: int = 10_000
    """In one list of the variables: each is coerced, even if it is refused as the wrong kind."""
    introspected: int = 5
    """Aliases in introspection, which is exempt from depth and cost but not for nothing."""
    remembered: int = 300_000
    """Characters of documents that stay parsed; a parsed one takes about a hundred bytes each."""
