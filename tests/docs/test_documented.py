"""Every public name, code, command, setting and dependency is documented."""

import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import reference_pages

import osler
from osler.claims.document.front_matter import KNOWN
from osler.publish.insertions import INSERTIONS

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r'"([A-Z]{3}\d{3})"')


def used_codes() -> set[str]:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("rules/packs/*.toml")]
    return {code for file in files for code in CODE.findall(file.read_text(encoding="utf-8"))}


def written() -> str:
    """Everything written by hand: what a reader finds before the generated reference."""
    paths = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in paths
        if not {"_build", "generated"} & set(path.parts)
    )


def test_every_code_in_use_has_an_explanation() -> None:
    assert sorted(used_codes() - set(reference_pages.explanations())) == []


def test_every_explanation_has_a_code_in_use() -> None:
    assert sorted(set(reference_pages.explanations()) - used_codes()) == []


@pytest.mark.parametrize(("code", "text"), reference_pages.explanations().items())
def test_an_explanation_opens_with_its_code_and_says_something(code: str, text: str) -> None:
    first, _, rest = text.partition("\n")
    assert first.startswith(f"# {code}")
    assert len(rest.split()) >= 20


@pytest.mark.parametrize("name", osler.__all__)
def test_a_public_name_is_documented(name: str) -> None:
    value = getattr(osler, name)
    doc = inspect.getdoc(value)
    assert doc or not callable(value), name
    if inspect.isfunction(value):
        assert ">>>" in str(doc), f"{name} needs an example"


def test_the_reference_lists_every_public_name() -> None:
    page = reference_pages.api_page()
    assert [name for name in osler.__all__ if f"osler.{name}\n" not in page] == []


@pytest.mark.parametrize(("path", "command"), reference_pages.all_commands())
def test_a_command_teaches_by_an_example(path: str, command: click.Command) -> None:
    text = reference_pages.help_text(path, command)
    assert re.search(r"Examples?:", text), f"{path} --help has no example"
    assert path in text.split("Example", 1)[1], f"the example does not use {path}"


@pytest.mark.parametrize(("path", "command"), reference_pages.all_commands())
def test_every_option_says_what_it_does(path: str, command: click.Command) -> None:
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    assert [p.name for p in options if not p.help] == []


@pytest.mark.parametrize("path", [path for path, _ in reference_pages.all_commands()])
def test_a_command_is_met_in_the_guides(path: str) -> None:
    assert re.search(rf"\b{path}\b", written())


@pytest.mark.parametrize("name", sorted(INSERTIONS))
def test_an_insertion_is_documented(name: str) -> None:
    page = (ROOT / "docs/reference/page-syntax.md").read_text(encoding="utf-8")
    assert f"`{{{{ {name}(" in page


@pytest.mark.parametrize("key", KNOWN)
def test_a_key_of_the_front_matter_is_documented(key: str) -> None:
    page = (ROOT / "docs/how-to/write-front-matter.md").read_text(encoding="utf-8")
    assert f"`{key}`" in page


def dependencies() -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for entries in lists:
        for entry in entries:
            if isinstance(entry, str):
                yield re.split(r"[<>=!~ \[;]", entry)[0]


@pytest.mark.parametrize("name", sorted(set(dependencies())))
def test_a_dependency_has_its_line(name: str) -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert len(re.findall(rf"^\| `{re.escape(name)}` \|", text, re.MULTILINE)) == 1


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


@pytest.mark.parametrize("folder", ["examples/sciatica", "src/osler/cli/starter"])
@pytest.mark.parametrize("file", ["osler.toml", "certainty.toml"])
def test_every_setting_in_use_is_documented(folder: str, file: str) -> None:
    settings = tomllib.loads((ROOT / folder / file).read_text(encoding="utf-8"))
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    missing = {key for key in keys(settings) if not re.search(rf"[`\[]{key}[`\]]", page)}
    assert sorted(missing) == []
