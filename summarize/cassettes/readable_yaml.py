"""JSON values as YAML that is made to be read.

PyYAML's own emitters give up on literal blocks at a tab, a space at the end of a line or, in C, an
emoji, and put the whole article into one quoted line. Here text comes back code point for code
point, and a reader sees it as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["END", "dump", "load"]

END = "\n...\n"
"""How a document ends. One that was cut off while it was written would often still parse."""

# Line breaks to YAML, or not allowed in it as they are.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN = re.compile(
    r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z_$/](?:[\w./$ -]*[\w$])?",
    re.ASCII | re.IGNORECASE,
)


def dump(data: dict[str, Any]) -> str:
    """One document, from its first line to its last."""
    return "---" + _emit(data, "") + END


def _emit(value: object, indent: str) -> str:
    """Write a value as it stands behind `key:` or `-`, whose children go to `indent`."""
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        items = value.items()
        return "".join(f"\n{indent}{_quoted(k)}:{_emit(v, deeper)}" for k, v in items)
    if isinstance(value, list) and value:
        emitted = (_emit(item, deeper) for item in value)
        return "".join(f"\n{indent}- {item.lstrip()}" for item in emitted)
    if isinstance(value, str):
        if "\n" in value and not _CONTROL.search(value):
            return " " + _literal(value, indent)
        return " " + _folded(value, indent)
    number = json.dumps(value)
    # YAML 1.1 reads 1e-07 as text.
    return " " + (number if "." in number else number.replace("e-", ".0e-").replace("e+", ".0e+"))


def _literal(text: str, indent: str) -> str:
    start = "2" if text[0] in " \t\n" else ""
    end = "" if text.endswith("\n") else "-"
    lines = text.removesuffix("\n").split("\n")
    if text.endswith("\n") and not lines[-1]:
        end = "+"
    return f"|{start}{end}" + "".join(f"\n{indent}{line}" if line else "\n" for line in lines)


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else f'"{_escaped(text)}"'


def _folded(text: str, indent: str) -> str:
    """Quote a text with a line of the file for each of its lines."""
    first, *lines = (_escaped(line) for line in text.split("\n"))
    if not lines:
        return _quoted(text)
    # A space at the start of a line would pass for indent.
    lines = ["\\" + line if line.startswith(" ") else line for line in lines]
    return '"' + f"\\n\\\n{indent}".join([first, *lines]) + '"'


def _escaped(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return _CONTROL.sub(lambda control: f"\\u{ord(control[0]):04x}", escaped)


def load(document: str) -> object:
    """The value of one document.

    Raises:
        ValueError: it is no YAML.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(document, Loader=loader)  # noqa: S506
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
