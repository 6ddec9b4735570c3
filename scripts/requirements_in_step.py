"""Checks, without a network, that requirements/*.txt are what pyproject.toml asks for.

Every requirement has exactly pinned, hashed versions that its bounds allow, and no file
names an index. Prints what is out of step and exits 1; silent and 0 otherwise.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
GROUPS = {
    "runtime": ("build",),
    "dev": ("dev",),
    "oldest": ("build", "test"),
    "bench": ("build", "bench"),
}
# The demo draws its page's pictures; the other extras are for those who ask for them.
EXTRAS = {"runtime": ("figures",)}


def group(groups: Mapping[str, list[object]], name: str) -> Iterator[str]:
    """The requirements of one dependency group, those of the groups it includes among them."""
    for entry in groups[name]:
        if isinstance(entry, dict):
            yield from group(groups, entry["include-group"])
        else:
            yield str(entry)


def asked(
    project: Mapping[str, object], names: Iterable[str], extras: Iterable[str]
) -> list[Requirement]:
    table = project["project"]
    texts = list(table["dependencies"])
    for extra in extras:
        texts += table["optional-dependencies"][extra]
    for name in names:
        texts += group(project["dependency-groups"], name)
    return [Requirement(text) for text in texts]


def pinned(text: str) -> dict[str, list[str]]:
    """Name -> versions; a lock for several Pythons may hold more than one."""
    out: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        out.setdefault(canonicalize_name(name), []).append(version)
    return out


def out_of_step(file: str, text: str, requirements: Iterable[Requirement]) -> Iterator[str]:
    pins = pinned(text)
    for requirement in requirements:
        versions = pins.get(canonicalize_name(requirement.name), [])
        if not versions:
            yield f"{file}: {requirement.name} is not locked"
        for version in versions:
            if not requirement.specifier.contains(version, prereleases=True):
                yield f"{file}: {requirement.name}=={version}; pyproject.toml asks {requirement}"
    for entry in re.split(r"\n(?=\S)", text):
        if "==" in entry.split("\n", 1)[0] and "--hash=sha256:" not in entry:
            yield f"{file}: {entry.split()[0]} has no hash"
    if re.search(r"://|--(extra-)?index-url|--find-links", text):
        yield f"{file}: names an index or an address"


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    problems: list[str] = []
    for kind, names in GROUPS.items():
        file = f"requirements/{kind}.txt"
        text = (ROOT / file).read_text(encoding="utf-8")
        extras = EXTRAS.get(kind, tuple(project["project"]["optional-dependencies"]))
        problems += out_of_step(file, text, asked(project, names, extras))
    for problem in problems:
        print(problem)
    if problems:
        print("run `make lock` and look at what changed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
