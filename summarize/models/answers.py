"""Reads the record in a model's answer, whatever shape a server or chat template gives it.

Reasoning, chat marks, Markdown fences and prose around the record are left out; wrappers and lists
of one item are opened; nulls, enums in other spelling and numbers for text are made what the form
says. No word of a value is changed: what would need that is no record, and is asked for again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

__all__ = ["read_record", "texts_of"]

A = TypeVar("A", bound=BaseModel)

# Characters. The largest drafts of the annotated articles have some 10,000; what is longer by two
# orders of magnitude is a loop.
_MAX_ANSWER = 1_000_000
# Places at which JSON is looked for in one answer; prose in braces costs one each.
_MAX_TRIES = 500
# Wrappers within wrappers.
_MAX_DEPTH = 6
# Keys under which items wrap their text: {"topic": "border security"}.
_TEXT_KEYS = ("text", "name", "topic", "title", "description", "value", "content", "item")
# The end of what a model thinks before it answers, or of the marks around an answer: </think>,
# [/THINK], ◁/think▷, <|channel|>final<|message|>.
_THOUGHT_ENDS = re.compile(
    r"(?i)[<\[◁]\s*/\s*\w*(?:think|thought|reason|reflect|analysis|scratchpad)\w*\s*[>\]▷]"
    r"|<\|message\|>"
)


def texts_of(message: Any) -> list[str]:
    """The texts of a message in which an answer may stand, the likeliest first.

    Args:
        message: of a chat completion, as an object of a client or as parsed JSON.

    Returns:
        The content (its parts joined), arguments of tool calls, and last what was reasoned: some
        servers send a whole answer as reasoning, and no content.
    """
    calls = [call for call in _get(message, "tool_calls") or () if call]
    functions = [_get(call, "function") for call in calls] + [_get(message, "function_call")]
    found = [
        _joined(_get(message, "content")),
        *(_joined(_get(function, "arguments")) for function in functions),
        *(_joined(_get(message, key)) for key in ("reasoning_content", "reasoning")),
    ]
    return [text for text in found if text.strip()]


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)


def _joined(content: Any) -> str:
    """Text as such, in parts, or as the JSON that it stands for."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping) and "type" not in content:
        return json.dumps(content, ensure_ascii=False)
    if isinstance(content, Sequence):
        return "".join(_part(part) for part in content)
    return ""


def _part(part: Any) -> str:
    """The text of a part; thoughts in a part of their own are no answer."""
    if isinstance(part, str):
        return part
    text = _get(part, "text")
    return text if isinstance(text, str) else ""


def read_record(texts: Sequence[str], form: type[A], *, is_cut_off: bool = False) -> A:
    """The record in an answer.

    Args:
        texts: in which it may stand, the likeliest first.
        form: what was asked for.
        is_cut_off: whether the answer ended at the limit of its length. Then only JSON that was
            complete by then counts, and nothing is repaired.

    Raises:
        ValueError: none of the texts holds a record; a `ValidationError` says what is wrong with
            the likeliest one.
    """
    problem: ValueError = ValueError("no JSON in it")
    for text in texts:
        try:
            return _read(text[:_MAX_ANSWER].lstrip("\ufeff"), form, is_cut_off=is_cut_off)
        except ValidationError as error:
            problem = error
        except ValueError as error:
            problem = problem if isinstance(problem, ValidationError) else error
    raise problem


def _read(text: str, form: type[A], *, is_cut_off: bool) -> A:
    try:
        return form.model_validate_json(text)
    except ValidationError as error:
        problem = error
    *before, answer = _THOUGHT_ENDS.split(text)
    for part in (answer, text) if before else (text,):
        records = list(_records(_values(part), form))
        if not is_cut_off and not any(_share(record, form) == 1 for record in records):
            records += _records(_repaired(part), form)
        # The last of those that say most: what comes later corrects what came before.
        records.reverse()
        for record in sorted(records, key=lambda r: -_share(r, form)):
            try:
                return form.model_validate(_fitted(record, _schema(form), _schema(form)))
            except ValueError as error:
                problem = error if isinstance(error, ValidationError) else problem
    raise problem


# Finding records


def _values(text: str) -> Iterator[Any]:
    """Every JSON object or list in a text, the outermost ones."""
    decoder = json.JSONDecoder(strict=False)
    position = 0
    for _ in range(_MAX_TRIES):
        start = _OPENING.search(text, position)
        if start is None:
            return
        try:
            value, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            position = start.start() + 1
        else:
            yield value


_OPENING = re.compile(r'[\[{]|"(?=\s*\{)')


def _repaired(text: str) -> Iterator[Any]:
    """JSON with slips in it (a comma too many, single quotes), if no word gets lost or changed."""
    start, end = text.find("{"), text.rfind("}")
    # Behind the end of the record there may be prose, but no more of a record that was cut off.
    if not 0 <= start < end or '"' in text[end:]:
        return
    import json_repair

    broken = text[start : end + 1]
    try:
        value = json_repair.loads(broken)
    except (ValueError, RecursionError):
        return
    plain = _plain(broken)
    if (
        isinstance(value, dict)
        and all(_plain(said) in plain for said in _strings(value))
        and _letters(plain) == _letters(_plain(json.dumps(value, ensure_ascii=False)))
    ):
        yield value


def _plain(text: str) -> str:
    """A text without escapes and white space."""
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\[nrt]|\\|\s", "", unescaped)


def _letters(text: str) -> list[str]:
    """The letters and digits of a text, to see that none is lost."""
    return [character for character in text if character.isalnum()]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _records(values: Iterator[Any], form: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """What of some values may be a record, wrappers opened."""
    for value in values:
        yield from _opened(value, form, _MAX_DEPTH)


def _opened(value: Any, form: type[BaseModel], depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, str) and "{" in value:
        # JSON within a text of JSON.
        for inner in _values(value):
            yield from _opened(inner, form, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _opened(inner, form, depth - 1)
    elif isinstance(value, dict):
        # One field of several may be a small example in a thought.
        if _share(value, form) >= min(1.0, 1.5 / len(form.model_fields)):
            yield value
            return
        for inner in value.values():
            yield from _opened(inner, form, depth - 1)


def _share(value: Mapping[str, Any], form: type[BaseModel]) -> float:
    """The share of a form's fields that a value has."""
    keys = {_key(key) for key in value}
    return sum(_key(name) in keys for name in form.model_fields) / len(form.model_fields)


def _key(name: object) -> str:
    return re.sub(r"[\s_-]", "", str(name)).casefold()


# Fitting values to the form


@lru_cache(maxsize=16)
def _schema(form: type[BaseModel]) -> dict[str, Any]:
    return form.model_json_schema()


def _fitted(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    """A value in the form of a schema.

    Raises:
        ValueError: it cannot be, without changing what it says.
    """
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return _chosen(value, schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(value, schema, root)
    if kind == "array":
        return _list(value, schema, root)
    if kind == "string":
        return _text(value)
    return value


def _object(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    fields = schema["properties"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        # A name alone for somebody with a name and an office.
        first = next(name for name, field in fields.items() if field.get("type") == "string")
        value = {first: value}
    if not isinstance(value, Mapping):
        raise ValueError(f"{type(value).__name__} where an object is wanted")
    given = {_key(key): part for key, part in value.items()}
    fitted = {name: _fitted(given.get(_key(name)), field, root) for name, field in fields.items()}
    if fitted.get("event", "") is None:
        # No kind of event, and nothing else said of one either.
        says_nothing = not any(part for part in fitted.values() if isinstance(part, list))
        fitted["event"] = "none" if says_nothing else "other"
    return fitted


def _list(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Any]:
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        value = [value]
    while len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    items = (_fitted(item, schema["items"], root) for item in value if item is not None)
    return [item for item in items if item != ""]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, Mapping):
        texts = [part for part in value.values() if isinstance(part, str)]
        named = (value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str))
        found = next(named, None) or (texts[0] if len(texts) == 1 else None)
        if found is not None:
            return str(found)
    raise ValueError(f"{type(value).__name__} where a text is wanted")


def _chosen(value: Any, choices: Sequence[str]) -> str | None:
    """The choice that a value names: in other case, with other hyphens, or among other words."""
    said = _text(value)
    vague = next((choice for choice in ("other", "statement") if choice in choices), choices[-1])
    if not said.strip():
        # For an event the rest of the record decides.
        return None if "none" in choices else vague
    key = _key(said)
    exact = (c for c in choices if key in (_key(c), _key(c) + "s", _key(c).removesuffix("s")))
    words = set(re.findall(r"[^\W_]+", said.casefold()))
    within = (c for c in choices if c in words or c.removesuffix("s") in words)
    return next(exact, None) or next(within, None) or vague
