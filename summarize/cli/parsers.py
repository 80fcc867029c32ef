"""Parsers of command lines: how help is laid out, and what the values of options may be."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Any, NoReturn, TypeAlias

__all__ = ["Formatter", "Parser", "add", "usage_of"]

_LAST_PORT = 65_535
_Container: TypeAlias = argparse._ActionsContainer  # noqa: SLF001  parsers and their groups


class Formatter(argparse.HelpFormatter):
    """Wraps descriptions, leaves examples as they are, and writes `-o, --output PATH`.

    Python 3.13 and later write options that way by themselves.
    """

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        value = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {value}"


class Parser(argparse.ArgumentParser):
    """The parser of all commands, and that of each."""

    def error(self, message: str) -> NoReturn:
        """Says in one line what is wrong with a command line, and exits with 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def usage_of(name: str, command: argparse.ArgumentParser) -> str:
    """Returns one line with what the command cannot do without."""
    words = ["summarize", name]
    for action in command._actions:  # noqa: SLF001  argparse shows them nowhere else
        if action.required:
            words += [*action.option_strings[:1], f"{action.metavar}{'...' * bool(action.nargs)}"]
    return " ".join([*words, "[options]"])


def add(parser: _Container, words: str, what: str, **more: Any) -> None:
    """Adds an argument as `--help` shows it: "-o --output PATH", a flag such as "--quiet"."""
    names = [word for word in words.split() if word.startswith("-")] or words.split()[:1]
    if value := words.split()[len(names) :]:
        more = {"metavar": value[0], "type": _TYPES.get(value[0]), **more}
    elif "choices" not in more:
        more["action"] = "store_true"
    parser.add_argument(*names, help=what, **more)


def _above_zero(type_: type[float], what: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        with suppress(ValueError):
            if 0 < (number := type_(text)) < inf:
                return number
        raise argparse.ArgumentTypeError(f"{text!r} is not {what} above 0")

    return convert


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) <= _LAST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to {_LAST_PORT:,}")


def _key_value(text: str) -> tuple[str, object]:
    """A key and its value: JSON where it is some, such as 5 or {"a": true}, else text."""
    key, equals, value = text.partition("=")
    if not key.strip() or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


# By what the help calls the value.
_TYPES = {
    "N": _above_zero(int, "a whole number"),
    "PORT": _port,
    "SECONDS": _above_zero(float, "a number of seconds"),
    "P": float,
    "X": float,
    "KEY=VALUE": _key_value,
}
