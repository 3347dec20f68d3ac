"""Two numbers that should be the same and are not, as `dockgate verify` tells them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

Key = tuple[object, ...]


@dataclass(frozen=True)
class Difference:
    """Two numbers of one tenant that should be the same, and what they are about."""

    tenant_id: UUID
    rule: str
    """Which equation does not hold; the same words each time."""
    about: str
    expected: object
    found: object

    def __str__(self) -> str:
        return (
            f"tenant {self.tenant_id}: {self.rule}, {self.about}: "
            f"expected {self.expected}, found {self.found}"
        )


def sums(numbers: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """The numbers of each key, added up."""
    total: dict[Key, int] = defaultdict(int)
    for key, number in numbers:
        total[key] += number
    return total


def unequal(
    tenant_id: UUID,
    rule: str,
    expected: dict[Key, int],
    found: dict[Key, int],
    about: Callable[[Key], str],
) -> Iterator[Difference]:
    """Where two sums differ, or only one side has any."""
    for key in sorted({*expected, *found}, key=str):
        if (one := expected.get(key, 0)) != (other := found.get(key, 0)):
            yield Difference(tenant_id, rule, about(key), one, other)
