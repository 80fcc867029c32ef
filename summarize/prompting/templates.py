"""The prompt templates and their hash.

A template is a text with `$name` placeholders, filled in one pass: what is put in is data and never
looked at again, so an article may hold `$article`, `{{ x }}` or anything else.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from string import Template
from typing import Literal

from summarize.errors import ConfigurationError

__all__ = ["Prompts", "load_prompts"]

# Each template, and the placeholder it must have.
_TEMPLATES = {
    "system": None,
    "direct": None,
    "article": "article",
    "unfound": "values",
    "invalid": "problems",
}
# An article and its record, put before the article as an example; taken as they are.
_EXAMPLE = ("example.md", "example.json")
# The same record with what a large model is asked for besides.
_DIRECT_EXAMPLE = ("example.md", "direct.json")


Turn = tuple[Literal["system", "user", "assistant"], str]


@dataclass(frozen=True)
class Prompts:
    """A set of templates.

    Attributes:
        id: name and hash, as in the provenance.
        system: what a small model is to do.
        example: an article and its record, or None.
        direct: what a large model is to do, by the strategy `direct`.
        direct_example: an article and its record for it, or None.
    """

    id: str
    system: str
    example: tuple[str, str] | None
    direct: str
    direct_example: tuple[str, str] | None
    _article: Template
    _unfound: Template
    _invalid: Template

    def article(self, text: str) -> str:
        """The message that holds the article."""
        return self._article.substitute(article=text)

    def turns(self, text: str, *, direct: bool) -> tuple[Turn, ...]:
        """The conversation up to the article; what never changes comes first, for caches."""
        return (*self.beginning(direct=direct), ("user", self.article(text)))

    def beginning(self, *, direct: bool) -> tuple[Turn, ...]:
        """The turns that are the same for every article."""
        system, example = (
            (self.direct, self.direct_example) if direct else (self.system, self.example)
        )
        if example is None:
            return (("system", system),)
        article, record = example
        return (("system", system), ("user", self.article(article)), ("assistant", record))

    def unfound(self, values: list[str]) -> str:
        """The message that asks again for what was not found."""
        numbered = (f"{number}. {value}" for number, value in enumerate(values, start=1))
        return self._unfound.substitute(values="\n".join(numbered))

    def invalid(self, problems: list[str]) -> str:
        """The message that asks again for JSON of the right form."""
        return self._invalid.substitute(problems="\n".join(f"- {problem}" for problem in problems))


def load_prompts(directory: str | PathLike[str] | None = None) -> Prompts:
    """The templates of a folder, or those of the package.

    A folder may hold some of them (`system.md`, `direct.md`, `article.md`, `unfound.md`,
    `invalid.md`, and the pair `example.md` and `example.json`, with `direct.json` for the strategy
    `direct`); the package's own stand in for the rest. Without `direct.md` or `direct.json` of its
    own, its `system.md` and its example serve both strategies.

    Raises:
        ConfigurationError: no such folder, none of the files in it, half of the pair, or a
            placeholder missing or unknown.
    """
    own = _package_directory()
    directory = None if directory is None else Path(directory)
    if directory is not None and not directory.is_dir():
        raise ConfigurationError(f"{directory}: no such folder of prompts", hint=_HINT)
    known = {*(f"{name}.md" for name in _TEMPLATES), *_EXAMPLE, *_DIRECT_EXAMPLE}
    if directory is not None and not any((directory / name).is_file() for name in known):
        raise ConfigurationError(f"{directory}: holds none of the templates", hint=_HINT)
    texts = {}
    for name in _TEMPLATES:
        path = (directory or own) / f"{name}.md"
        if name == "direct" and directory and not path.is_file():
            # A folder with instructions of its own means them for every model.
            path = directory / "system.md"
        texts[name] = _read(path if path.is_file() else own / f"{name}.md")
    example = _example(directory) or _example(own)
    direct_example = _example(directory, _DIRECT_EXAMPLE) or (
        _example(directory) or _example(own, _DIRECT_EXAMPLE)
    )
    hashed = hashlib.sha256(
        "\0".join((*texts.values(), *(example or ()), *(direct_example or ()))).encode()
    )
    label = "meeting" if directory is None else directory.resolve().name or "prompts"
    return Prompts(
        id=f"{label}@{hashed.hexdigest()[:12]}",
        system=_template("system", texts).substitute(),
        example=example if example and all(example) else None,
        direct=_template("direct", texts).substitute(),
        direct_example=direct_example if direct_example and all(direct_example) else None,
        _article=_template("article", texts),
        _unfound=_template("unfound", texts),
        _invalid=_template("invalid", texts),
    )


_HINT = "give a folder with " + ", ".join(f"{name}.md" for name in _TEMPLATES)


def _package_directory() -> Path:
    """The wheel has the templates inside the package; a checkout has them beside it."""
    package = Path(__file__).parent.parent
    inside = package / "prompts"
    return inside if inside.is_dir() else package.parent / "prompts"


def _example(directory: Path | None, names: tuple[str, str] = _EXAMPLE) -> tuple[str, str] | None:
    """The example of a folder. Empty files say that there is to be none."""
    if directory is None or not (directory / names[1]).is_file():
        if directory and names == _EXAMPLE and (directory / names[0]).is_file():
            raise _half(directory, names[0])
        return None
    if not (directory / names[0]).is_file():
        raise _half(directory, names[1])
    article, record = (_read(directory / name) for name in names)
    return article, record


def _half(directory: Path, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{directory}: has {name} without its other half",
        hint=f"give both of {' and '.join(_EXAMPLE)}, empty for no example",
    )


def _read(path: Path) -> str:
    try:
        # Editors on Windows put a byte order mark before the text.
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error})", hint=_HINT) from error


def _template(name: str, texts: dict[str, str]) -> Template:
    template = Template(texts[name])
    wanted = {_TEMPLATES[name]} - {None}
    found = set(template.get_identifiers()) if template.is_valid() else None
    if found != wanted:
        needed = f"exactly the placeholder ${_TEMPLATES[name]}" if wanted else "no placeholder"
        raise ConfigurationError(
            f"{name}.md: must have {needed}", hint="write $$ for a dollar sign"
        )
    return template
