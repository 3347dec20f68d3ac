"""What is installed and what is handed on: names are ours, versions pinned, files complete."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = {"models", "resolvers", "schema", "server"}

# Put together here, so that this file does not name them either.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(host))
        for host in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs"),
            ("registry", "yarnpkg"),
            ("npmmirror", "com"),
            ("deb", "debian", "org"),
            ("security", "debian", "org"),
        )
    )
)


def our_files(*where: str) -> list[str]:
    """What git keeps, or would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *where]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in pinned}


def needed(name: str, extras: frozenset[str], seen: set[str]) -> Iterator[str]:
    """Every installed distribution that `name` with `extras` brings along."""
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        wanted = [{"extra": extra} for extra in extras | {""}]
        marker = requirement.marker
        if marker and not any(marker.evaluate(each) for each in wanted):
            continue
        key = canonicalize_name(requirement.name)
        if (mark := f"{key}{sorted(requirement.extras)}") in seen:
            continue
        seen.add(mark)
        try:
            distribution(key)
        except PackageNotFoundError:
            continue  # an extra that this environment does without
        yield key
        yield from needed(key, frozenset(requirement.extras), seen)


@pytest.mark.parametrize("name", sorted(PACKAGES | {"tests", "benchmarks"}))
def test_nobody_else_owns_our_top_level_names(name: str) -> None:
    """Others publish distributions called `schema` and `models`; beside ours, they would win."""
    assert set(packages_distributions().get(name, [])) <= {"dockgate"}


def test_everything_installed_is_pinned_and_is_what_was_pinned() -> None:
    extras = frozenset(distribution("dockgate").metadata.get_all("Provides-Extra", []))
    installed = {name: distribution(name).version for name in needed("dockgate", extras, set())}

    assert len(installed) > len(distribution("dockgate").requires or []) / 2
    assert installed == {name: pins().get(name) for name in installed}


def test_pins_are_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    odd = [line for line in lines if line and not re.fullmatch(r"#.*|[\w.-]+==[\w.!+]+", line)]
    assert odd == []


def test_no_file_names_where_packages_come_from() -> None:
    """That is the affair of the machine: a mirror, a cache, a proxy."""
    naming = [
        name
        for name in our_files()
        if REGISTRY_HOSTS.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]

    assert naming == []


def test_browser_packages_are_exact_and_their_lock_holds_no_address() -> None:
    asked = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    wanted = asked["dependencies"] | asked["devDependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert [name for name, package in locked.items() if name and "integrity" not in package] == []


def test_a_wheel_holds_every_file_of_ours_and_no_other_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    [wheel] = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    ours = set(our_files(*sorted(PACKAGES)))
    assert ours - held == set()
    assert {name.split("/")[0] for name in held} <= PACKAGES | {"dockgate-0.1.0.dist-info"}
    assert [name for name in held if re.fullmatch(r"models/migrations/\d{4}_.*\.sql", name)] != []


def test_bare_make_tells_every_verb() -> None:
    menu = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert set(re.findall(r"^  make (\w+) ", menu, re.MULTILINE)) == set(phony.split())
