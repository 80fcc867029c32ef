"""What the styles in a page hide: declarations of CSS, and rules with simple selectors.

Not what a browser knows: neither other files nor scripts, and of selectors only names that stand
alone. What is not understood hides nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Rules", "declarations", "hides", "is_clear", "rules_of"]

# Characters of all style sheets together; what follows is left unread. Those of the sites that
# were looked at have some ten thousand.
_MAX_SHEETS = 200_000
# What rules are believed: sites set sizes, places and colours for reasons of layout, too.
_BY_RULES = frozenset({"display", "visibility"})
_ON_SCREENS = re.compile(r"(?:only\s+)?(?:all|screen)?")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)


def declarations(style: str) -> dict[str, str]:
    """What a style says, by names: of several the last one, unless an earlier one is important."""
    if not style:
        return {}
    # A backslash and digits are a character: https://www.w3.org/TR/css-syntax-3/#escaping
    if "\\" in style:
        style = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda m: chr(int(m[1], 16) % 0x110000), style)
    found: dict[str, str] = {}
    important: set[str] = set()
    for part in _without_comments(style).lower().split(";"):
        name, _, value = part.partition(":")
        name, (value, mark, _) = name.strip(), value.partition("!")
        if not mark and name in important:
            continue
        if mark:
            important.add(name)
        found[name] = value.strip()
    return found


def _without_comments(css: str) -> str:
    first, *rest = css.split("/*")
    return "".join([first, *(part.partition("*/")[2] for part in rest)])


# Rules


@dataclass(frozen=True, slots=True)
class _Rule:
    tag: str
    names: frozenset[str]
    declared: Mapping[str, str]
    place: int

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Of rules that speak of one element, the highest counts."""
        ids = sum(name.startswith("#") for name in self.names)
        return ids, len(self.names) - ids, bool(self.tag), self.place


@dataclass(slots=True)
class Rules:
    """The rules of a page's own style sheets that show or hide elements by their names."""

    by_name: dict[str, list[_Rule]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def declared_for(self, element: Any) -> dict[str, str]:
        """What they say of an element."""
        if not self.by_name:
            return {}
        names = {f".{name}" for name in element.get("class", "").split()}
        if id_ := element.get("id"):
            names.add(f"#{id_}")
        found = [
            rule
            for name in names
            for rule in self.by_name.get(name, ())
            if rule.names <= names and rule.tag in {"", element.tag}
        ]
        declared: dict[str, str] = {}
        for rule in sorted(found, key=lambda rule: rule.rank):
            declared.update(rule.declared)
        return declared


def rules_of(tree: Any) -> Rules:
    """The rules in the `style` elements of a page that hold on screens."""
    rules, left = Rules(), _MAX_SHEETS
    for style in tree.iter("style"):
        # What is in a `noscript` counts only where there are no scripts.
        if not _ON_SCREENS.fullmatch(style.get("media", "").strip().lower()) or any(
            up.tag == "noscript" for up in style.iterancestors()
        ):
            continue
        sheet = (style.text or "")[:left]
        left -= len(sheet)
        for selectors, body in _rules_in(sheet):
            if "display" not in body.lower() and "visibility" not in body.lower():
                continue
            said = declarations(body)
            declared = {name: value for name, value in said.items() if name in _BY_RULES}
            for selector in selectors.split(","):
                _add(rules, selector.strip(), declared)
    return rules


def _add(rules: Rules, selector: str, declared: Mapping[str, str]) -> None:
    match = _SELECTOR.fullmatch(selector)
    if not match or not match[2] or not declared:
        return
    names = re.findall(r"[.#][\w-]+", match[2])
    rules.count += 1
    rule = _Rule((match[1] or "").lower(), frozenset(names), declared, rules.count)
    rules.by_name[names[0]].append(rule)


def _rules_in(sheet: str) -> Iterator[tuple[str, str]]:
    """The selectors and the body of each rule that holds on every screen."""
    sheet = _without_comments(sheet).replace("<!--", "").replace("-->", "")
    # What is open, from the outside; None is a rule, else whether what is within holds.
    opened: list[bool | None] = []
    selectors, said = "", ""
    for part in re.split(r"([{};])", sheet):
        if part == "{":
            if said.lstrip().startswith("@"):
                opened.append(_holds(said))
            else:
                opened.append(False if None in opened else None)
                selectors = said if opened[-1] is None else selectors
            said = ""
        elif part == "}":
            if opened and opened.pop() is None and all(opened):
                yield selectors, said
            said = ""
        elif part == ";":
            # At the top, what ends so is no rule: `@charset`, `@import`.
            said = f"{said};" if None in opened else ""
        else:
            said += part


def _holds(condition: str) -> bool:
    name, _, rest = condition.strip().lower().partition(" ")
    return name == "@layer" or (name == "@media" and bool(_ON_SCREENS.fullmatch(rest.strip())))


# What declarations hide

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d{1,3})?")
# Pixels to the side or above, from which nothing is seen.
_OUTSIDE = -900
_OPACITY = 0.01
# In these units, so many pixels or more.
_PIXELS = {"em": 10, "rem": 10, "vw": 10, "vh": 8}
_FUNCTION = re.compile(r"([\w-]+)\(([^()]*)\)")
_COLOURS = {"white": "fff", "black": "000", "transparent": "0000"}


def hides(declared: Mapping[str, str]) -> bool:
    """Whether readers do not see what has these declarations."""
    return (
        declared.get("display") == "none"
        or declared.get("visibility") in {"hidden", "collapse"}
        or _is_tiny(declared)
        or _is_aside(declared)
        or _is_uncoloured(declared)
        or _is_cut(declared)
    )


def is_clear(declared: Mapping[str, str]) -> bool:
    """Whether what has these declarations is too transparent to be read."""
    opacity = _number(declared.get("opacity", ""))
    return opacity is not None and opacity <= _OPACITY


def _number(text: str) -> float | None:
    match = _NUMBER.match(text)
    return float(match[0]) if match else None


def _pixels(text: str) -> float:
    match = _NUMBER.match(text)
    return float(match[0]) * _PIXELS.get(text[match.end() :].strip(), 1) if match else 0


def _is_tiny(declared: Mapping[str, str]) -> bool:
    size = declared.get("font-size", declared.get("font", ""))
    number = _number(size)
    if number is None:
        return _number(declared.get("zoom", "")) == 0
    in_pixels = "font-size" in declared and size.endswith(("px", "pt"))
    return number == 0 or (in_pixels and number <= 1) or _number(declared.get("zoom", "")) == 0


def _is_aside(declared: Mapping[str, str]) -> bool:
    is_placed = declared.get("position") in {"absolute", "fixed"}
    sides = ("left", "top", "right") if is_placed else ()
    names = (*sides, "text-indent", "margin-left", "margin-top", "margin")
    if any(_pixels(declared.get(name, "")) <= _OUTSIDE for name in names):
        return True
    moved = (
        _pixels(part.strip())
        for name, said in _FUNCTION.findall(declared.get("transform", ""))
        if name.startswith("translate")
        for part in said.split(",")
    )
    return any(pixels <= _OUTSIDE for pixels in moved)


def _is_uncoloured(declared: Mapping[str, str]) -> bool:
    colour = _colour(declared.get("color", ""))
    if colour is None:
        return False
    behind = declared.get("background-color", declared.get("background", ""))
    return colour[-1] == 0 or colour == _colour(behind)


def _colour(said: str) -> tuple[float, ...] | None:
    """Red, green, blue (or what the function takes) and how opaque; None for other colours."""
    said = _COLOURS.get(said, said.removeprefix("#") if said.startswith("#") else said)
    if re.fullmatch(r"[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8}", said):
        digits = said if len(said) > 4 else "".join(digit * 2 for digit in said)
        parts = [int(digits[n : n + 2], 16) for n in range(0, len(digits), 2)]
        return (*map(float, parts[:3]), parts[3] / 255 if len(parts) > 3 else 1.0)
    if match := _FUNCTION.fullmatch(said):
        values = [float(number) for number in _NUMBER.findall(match[2])]
        if len(values) in {3, 4} and match[1] in {"rgb", "rgba", "hsl", "hsla"}:
            return (*values[:3], values[3] if len(values) > 3 else 1.0)
    return None


def _is_cut(declared: Mapping[str, str]) -> bool:
    clip = declared.get("clip-path", "").replace(" ", "")
    if re.match(r"rect\(\s*0|rect\(\s*1px", declared.get("clip", "")):
        return True
    if clip.startswith(("inset(50%", "inset(100%")) or re.match(r"circle\(0(?![.\d])", clip):
        return True
    if re.match(r"opacity\(0(?:\.0*)?%?\)", declared.get("filter", "").replace(" ", "")):
        return True
    changes = _FUNCTION.findall(declared.get("transform", ""))
    return any(
        name.startswith("scale") and any(_number(part.strip()) == 0 for part in said.split(","))
        for name, said in changes
    )
