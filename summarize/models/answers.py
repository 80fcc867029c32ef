"""The record in a model's answer, in whatever shape it comes.

Reasoning, chat markup, Markdown and prose around the record are skipped, wrappers are opened,
values are coerced to the schema, and broken JSON is repaired. No word of a text is changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from summarize.prompting.draft import says_something

__all__ = ["read_record"]

S = TypeVar("S", bound=BaseModel)

_MARK = "think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad"
# The end of reasoning: the tags of DeepSeek, Qwen, Magistral, Kimi, Seed, Command A and MedGemma,
# and the last channel of gpt-oss, also as it is left where a server drops special tokens.
_REASONING_END = re.compile(
    rf"(?i)</\s*(?:\w+:)?(?:{_MARK})\s*>|\[/(?:{_MARK})\]|◁/(?:{_MARK})▷|<\|end[_-](?:of[_-])?"
    rf"(?:{_MARK})\|>|<unused95>|<\|channel\|>\s*final\b[^{{[]*?<\|message\|>|assistantfinal"
)
# Where a model goes on with the conversation by itself.
_NEXT_TURN = re.compile(r"<\|(?:im_start|start_header_id)\|>\s*user|<\|user\|>")
_COMMENT = re.compile(r"(?m)(?<=[\s,{\[])//.*$")
# A fence, chat markup and white space behind a record.
_AFTER = re.compile(r"(?:```|<\|[^|<]*\|>|</\w+>|\s)+$")
# How deep wrappers are opened: {"result": {"arguments": "[{…}]"}}.
_MAX_DEPTH = 5
# How JSON begins that may hold a record, and how many beginnings may turn out to be none.
_BEGINNING = re.compile(r"""\{(?=\s*")|\[(?=\s*[{"\[])""")
_MAX_FAILURES = 1_000
# A number keeps its spelling, where text is wanted: 1.50.
_DECODER = json.JSONDecoder(strict=False, parse_float=str)
# What an unknown or missing choice becomes, where the schema has it.
_CATCH_ALLS = ("other", "statement")


def read_record(texts: Sequence[str], schema: type[S], *, is_cut_off: bool = False) -> S:
    """Returns the record in an answer.

    Args:
        texts: in which it may stand, the likeliest first.
        schema: of the record.
        is_cut_off: whether the answer ended at its token limit. Then only a complete record at the
            very end counts, and nothing is repaired.

    Raises:
        ValueError: none of the texts holds a record; a `ValidationError` says what is wrong with
            the likeliest one.
    """
    for text in texts:
        record = _read(text, schema, is_cut_off=is_cut_off)
        if record is not None:
            return record
    if texts:
        # Raises what is wrong.
        schema.model_validate_json(texts[0])
    raise ValueError("no JSON in it")


def _read(text: str, schema: type[S], *, is_cut_off: bool) -> S | None:
    text = _unquoted(text)
    ends = [mark.end() for mark in _REASONING_END.finditer(text)]
    answer = text[ends[-1] :] if ends else text
    own = _NEXT_TURN.split(answer, maxsplit=1)[0]
    answer = own if "{" in own else answer
    if is_cut_off:
        bare = _AFTER.sub("", answer)
        return _best(_values(bare), schema) if bare.endswith("}") else None
    for section in dict.fromkeys((answer, text)):
        record = _best(_values(section), schema) or _best(_repaired(section, schema), schema)
        if record is not None:
            return record
    return None


def _unquoted(text: str) -> str:
    """A text without the quotation marks and escapes of a JSON string that it is, or the text."""
    for _ in range(_MAX_DEPTH):
        bare = text.strip()
        inner = _decoded(f'"{bare}"' if bare.startswith('{\\"') else bare)
        if not isinstance(inner, str):
            break
        text = inner
    return text


def _best(values: Iterator[object], schema: type[S]) -> S | None:
    """The record that fits best, and of equals the last."""
    found = [record for value in values if (record := _record(value, schema))]
    return max(reversed(found), key=itemgetter(0))[1] if found else None


def _values(section: str) -> Iterator[object]:
    """The JSON values in a text, with what they wrap."""
    place = failures = 0
    for start in (mark.start() for mark in _BEGINNING.finditer(section)):
        if start < place:
            continue
        try:
            value, place = _DECODER.raw_decode(section, start)
        except (ValueError, RecursionError):
            failures += 1
            if failures > _MAX_FAILURES:
                return
        else:
            yield from _unwrapped(value)


def _unwrapped(value: object, depth: int = 0) -> Iterator[object]:
    """A value, and the values that it may be a wrapper of."""
    yield value
    inner: list[object] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list) and len(value) == 1:
        inner = value
    elif isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        inner = [_decoded(value)]
    if depth < _MAX_DEPTH:
        for held in inner:
            yield from _unwrapped(held, depth + 1)


def _decoded(text: str) -> object:
    """The value of a text that is JSON; None for another."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _repaired(section: str, schema: type[BaseModel]) -> Iterator[object]:
    """The last records in JSON that is complete, but has slips in quotes or commas."""
    import json_repair

    keys = "|".join(map(re.escape, schema.model_fields))
    beginning = re.compile(rf"""(?i)\{{\s*["'“‘`]?(?:{keys})\b""")
    end = section.rfind("}") + 1
    for start in [match.start() for match in beginning.finditer(section)][:-4:-1]:
        broken = section[start : max(end, start)].partition("```")[0].rstrip()
        bare = _COMMENT.sub("", broken)
        if bare != broken and (value := _decoded(bare)) is not None:
            yield value
            continue
        is_balanced = all(broken.count(a) == broken.count(b) for a, b in ("{}", "[]"))
        if broken.endswith("}") and is_balanced and _decoded(broken) is None:
            value = json_repair.loads(broken, skip_json_loads=True)
            # Nothing may get lost, or be made up.
            if _words(json.dumps(value, ensure_ascii=False)) == _words(broken):
                yield value


def _words(text: str) -> list[str]:
    return sorted(re.findall(r"\w+", text))


def _record(value: object, schema: type[S]) -> tuple[tuple[bool, int], S] | None:
    """A value as a record: whether it is valid as it is, how many keys it has, and the record."""
    if not isinstance(value, dict):
        return None
    keyed = _keyed(value, schema)
    if len(keyed) * 2 < len(schema.model_fields):
        return None
    for is_valid, candidate in ((True, keyed), (False, _coerced_object(keyed, schema))):
        try:
            return (is_valid, len(keyed)), schema.model_validate(candidate)
        except ValidationError:
            continue
    return None


def _keyed(value: Mapping[Any, Any], schema: type[BaseModel]) -> dict[str, Any]:
    """The fields of a value that the schema has, under the schema's own keys."""
    names = {_folded(name): name for name in schema.model_fields}
    keyed = {name: value[name] for name in schema.model_fields if name in value}
    for key, held in value.items():
        if name := names.get(_folded(str(key))):
            keyed.setdefault(name, held)
    return keyed


def _coerced_object(value: Mapping[Any, Any], schema: type[BaseModel]) -> dict[str, Any]:
    keyed = _keyed(value, schema)
    is_empty = not any(held for held in keyed.values() if isinstance(held, (list, dict)))
    return {
        name: _coerced(keyed.get(name), field.annotation, is_empty)
        for name, field in schema.model_fields.items()
        if name in keyed or field.is_required()
    }


def _coerced(value: Any, wanted: Any, is_empty: bool = False) -> Any:
    """A value as its field wants it; what cannot be coerced stays, and validation refuses it."""
    if get_origin(wanted) is Literal:
        return _choice(value, get_args(wanted), is_empty)
    if get_origin(wanted) in (list, Sequence):
        return _list(value, get_args(wanted)[0])
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        main = "name" if "name" in wanted.model_fields else "text"
        value = {main: value} if isinstance(value, str) else value
        # One without its name or text is refused: nobody may get lost.
        is_complete = isinstance(value, dict) and main in _keyed(value, wanted)
        return _coerced_object(value, wanted) if is_complete else value
    return _text(value) if wanted is str else value


def _list(value: Any, wanted: Any) -> list[Any]:
    if value is None or (isinstance(value, str) and not says_something(value)):
        return []
    if isinstance(value, dict) and len(value) == 1:
        (held,) = value.values()
        # {"items": […]}
        value = held if isinstance(held, list) else value
    items = value if isinstance(value, list) else [value]
    # A string that is null keeps its place: the order may say what it answers.
    kept = [item for item in items if wanted is str or item not in (None, "", {}, [])]
    return [_coerced(item, wanted) for item in kept]


def _text(value: Any) -> Any:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, dict) and len(value) == 1:
        return _text(*value.values())
    return str(value) if isinstance(value, (int, float)) else value


def _choice(value: Any, choices: Sequence[str], is_empty: bool) -> Any:
    """One of the values of an enumeration."""
    said = str(_text(value))
    options = {_folded(choice): choice for choice in choices}
    if (name := _folded(said)) in options:
        return options[name]
    if not says_something(said) and is_empty and "none" in choices:
        return "none"
    named = {options[word] for word in map(_folded, re.findall(r"\w+", said)) if word in options}
    if len(named) == 1:
        return named.pop()
    return next((choice for choice in _CATCH_ALLS if choice in choices), value)


def _folded(name: str) -> str:
    """A name without regard to case, to what stands between its words, and to an s at its end."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", split).strip("_").casefold().removesuffix("s")
