"""The prompt templates and their hash.

A template is a text with `$name` placeholders, filled in one pass: what is put in is data and never
looked at again, so an article may hold `$article`, `{{ x }}` or anything else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
# An article that is put before the article as an example, its record, and the same record with what
# a large model is asked for besides; taken as they are.
_EXAMPLE = ("example.md", "example.json", "direct.json")

Turn = tuple[Literal["system", "user", "assistant"], str]


@dataclass(frozen=True)
class Prompts:
    """A set of templates: for small models, and for large ones (`direct`).

    Attributes:
        id: name and hash, as in the provenance.
        example: an article and its record, or None.
    """

    id: str
    system: str
    example: tuple[str, str] | None
    direct: str
    direct_example: tuple[str, str] | None
    _messages: Mapping[str, Template]

    def beginning(self, *, direct: bool) -> tuple[Turn, ...]:
        """The turns that are the same for every article."""
        system = self.direct if direct else self.system
        example = self.direct_example if direct else self.example
        if example is None:
            return (("system", system),)
        article, record = example
        return (("system", system), ("user", self.article(article)), ("assistant", record))

    def turns(self, text: str, *, direct: bool) -> tuple[Turn, ...]:
        """The conversation up to the article; what never changes comes first, for caches."""
        return (*self.beginning(direct=direct), ("user", self.article(text)))

    def article(self, text: str) -> str:
        """The message that holds the article."""
        return self._messages["article"].substitute(article=text)

    def unfound(self, values: list[str]) -> str:
        """The message that asks again for what was not found."""
        numbered = (f"{number}. {value}" for number, value in enumerate(values, start=1))
        return self._messages["unfound"].substitute(values="\n".join(numbered))

    def invalid(self, problems: list[str]) -> str:
        """The message that asks again for JSON of the right form."""
        listed = "\n".join(f"- {problem}" for problem in problems)
        return self._messages["invalid"].substitute(problems=listed)


def load_prompts(directory: str | PathLike[str] | Prompts | None = None) -> Prompts:
    """The templates of a folder, or those of the package; templates as they are.

    A folder may hold some of the files; the package's own stand in for the rest. Without
    `direct.md` or `direct.json`, its `system.md` and its example serve both strategies.

    Raises:
        ConfigurationError: no such folder, none of the files in it, half of an example, or a
            placeholder missing or unknown.
    """
    if isinstance(directory, Prompts):
        return directory
    # The wheel has the templates inside the package; a checkout has them beside it.
    package = Path(__file__).parent.parent
    own = next(filter(Path.is_dir, (package / "prompts", package.parent / "prompts")))
    folder = own if directory is None else Path(directory)
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: no such folder of prompts", hint=_HINT)
    files = {name: f"{name}.md" for name in _TEMPLATES}
    if not any((folder / name).is_file() for name in (*files.values(), *_EXAMPLE)):
        raise ConfigurationError(f"{folder}: holds none of the templates", hint=_HINT)
    texts = {name: _read(folder / file, own / file) for name, file in files.items()}
    # A folder with instructions of its own means them for every model.
    texts["direct"] = _read(folder / "direct.md", folder / "system.md", own / "direct.md")
    # The files of an example belong together; empty ones say that there is to be none.
    shown = folder if any((folder / name).is_file() for name in _EXAMPLE) else own
    article, record = (_read(shown / name) for name in _EXAMPLE[:2])
    direct_record = _read(shown / _EXAMPLE[2], shown / _EXAMPLE[1])
    hashed = hashlib.sha256(
        "\0".join((*texts.values(), article, record, article, direct_record)).encode()
    )
    label = "meeting" if directory is None else folder.resolve().name or "prompts"
    templates = {name: _template(name, text) for name, text in texts.items()}
    return Prompts(
        id=f"{label}@{hashed.hexdigest()[:12]}",
        system=templates["system"].substitute(),
        example=(article, record) if article and record else None,
        direct=templates["direct"].substitute(),
        direct_example=(article, direct_record) if article and direct_record else None,
        _messages=templates,
    )


_HINT = "give a folder with " + ", ".join(f"{name}.md" for name in _TEMPLATES)


def _read(*paths: Path) -> str:
    """The text of the first of some files that is there."""
    path = next(filter(Path.is_file, paths), paths[-1])
    try:
        # Editors on Windows put a byte order mark before the text.
        return path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error})", hint=_HINT) from error


def _template(name: str, text: str) -> Template:
    template, wanted = Template(text), _TEMPLATES[name]
    if not template.is_valid() or template.get_identifiers() != ([wanted] if wanted else []):
        needed = f"exactly the placeholder ${wanted}" if wanted else "no placeholder"
        raise ConfigurationError(
            f"{name}.md: must have {needed}", hint="write $$ for a dollar sign"
        )
    return template
