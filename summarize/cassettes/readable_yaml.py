"""YAML documents in which texts of several lines stand as literal blocks."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

__all__ = ["END", "dump", "load"]

END = "\n...\n"
"""The end of a document. One that was cut off while it was written would often still parse."""

# Not possible in a literal block: a tab as the first character, control characters, and what
# YAML 1.1 takes for line breaks.
_NOT_LITERAL = re.compile(r"\A\t|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class _Dumper(yaml.SafeDumper):
    def analyze_scalar(self, scalar: str) -> Any:
        # PyYAML gives up on blocks at a tab or a space at the end of a line, and quotes the text.
        analysis = super().analyze_scalar(scalar)
        is_literal = not _NOT_LITERAL.search(scalar)
        analysis.allow_block = is_literal
        # It writes U+0085 as it is in single quotes, where it reads as a space.
        analysis.allow_single_quoted &= is_literal
        return analysis

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)


def dump(data: dict[str, Any]) -> str:
    """Returns one document, from its first line to its last; texts have no lone surrogates."""
    document: str = yaml.dump(
        data,
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=math.inf,
        explicit_start=True,
        explicit_end=True,
    )
    return document


def load(document: str) -> object:
    """Returns the value of one document.

    Raises:
        ValueError: it is not YAML.
    """
    try:
        return yaml.load(document, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
