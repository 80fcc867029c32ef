"""The record in a model's answer, in whatever shape it comes.

Reasoning, chat markup, Markdown and prose around the record are skipped, wrappers are opened,
values are coerced to the schema (`coercion`), and broken JSON is repaired if its words are kept.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from summarize.models.coercion import Fit, coerce_record

__all__ = ["read_record"]

S = TypeVar("S", bound=BaseModel)

_MARK = "think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad"
# The end of reasoning: the tags of DeepSeek, Qwen, Magistral, Kimi, Seed, Command A and MedGemma,
# and the last channel of gpt-oss, also as it is left where a server drops special tokens.
_REASONING_END = re.compile(
    rf"(?i)</\s*(?:\w+:)?(?:{_MARK})\s*>|\[/(?:{_MARK})\]|◁/(?:{_MARK})▷|<\|end[_-](?:of[_-])?"
    rf"(?:{_MARK})\|>|<unused95>|<\|channel\|>\s*final\b[^{{[]*?<\|message\|>|assistantfinal"
)
# The beginning of a turn of the user, in chat templates of ChatML, Llama 3, Gemma, Mistral, Phi and
# gpt-oss: some models continue the conversation by themselves.
_NEXT_TURN = re.compile(
    r"(?i)<\|im_start\|>\s*user|<\|start_header_id\|>\s*user|<start_of_turn>\s*user|\[INST\]"
    r"|<\|user\|>|<\|start\|>user"
)
# Fences and chat markup before and after a record.
_BEFORE = re.compile(r"^\s*(?:<\|[^|]*\|>\s*|```\w*\s*)+")
_AFTER = re.compile(r"(?:```|<\|[^|<]*\|>|</\w+>|\s)+$")
_BLANKS = "\ufeff\u200b\u2060 \t\r\n"
# How deep wrappers are opened: {"result": {"arguments": "[{…}]"}}.
_MAX_DEPTH = 5
# How JSON begins that may hold a record, and how many beginnings may turn out to be none.
_BEGINNING = re.compile(r"""\{(?=\s*")|\[(?=\s*[{"\[])""")
_MAX_FAILURES = 1_000
_COMMENT = re.compile(r"(?s)/\*.*?\*/|(?<![:\w])//[^\n]*|(?m:(?:^|(?<=[\s,{\[]))#[^\n]*)")
# Words of JSON itself.
_LITERALS = frozenset({"null", "none", "true", "false", "undefined", "nan", "json"})
# A number keeps its spelling, where text is wanted: 1.50.
_DECODER = json.JSONDecoder(strict=False, parse_float=str)


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
    problem: ValueError = ValueError("no JSON in it")
    for text in texts:
        try:
            return schema.model_validate_json(text)
        except ValidationError as error:
            if not isinstance(problem, ValidationError):
                problem = error
        record = _read(text, schema, is_cut_off=is_cut_off)
        if record is not None:
            return record
    raise problem


def _read(text: str, schema: type[S], *, is_cut_off: bool) -> S | None:
    text = text.strip(_BLANKS)
    ends = [mark.end() for mark in _REASONING_END.finditer(text)]
    answer = text[ends[-1] :] if ends else text
    if is_cut_off:
        bare = _AFTER.sub("", answer)
        return _best(_values(bare), schema) if bare.endswith("}") else None
    turn = _NEXT_TURN.search(answer)
    for section in dict.fromkeys((answer[: turn.start()] if turn else answer, answer, text)):
        record = _best(_values(section), schema)
        if record is None and _whole(section) is None:
            record = _best(_repaired(section, schema), schema)
        if record is not None:
            return record
    return None


def _best(values: Iterator[object], schema: type[S]) -> S | None:
    """Returns the record that fits best, and of equals the last."""
    best: tuple[Fit, S] | None = None
    for value in values:
        found = coerce_record(value, schema)
        if found and (best is None or found[0] >= best[0]):
            best = found
    return best[1] if best else None


def _values(section: str) -> Iterator[object]:
    """The JSON values in a text, with what they wrap."""
    value = _whole(section)
    if value is not None:
        yield from _unwrapped(value)
        return
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


def _whole(section: str) -> object:
    """Returns the value of a text that is JSON but for a fence and chat markup, else None."""
    try:
        return _DECODER.decode(_AFTER.sub("", _BEFORE.sub("", section)))
    except (ValueError, RecursionError):
        return None


def _unwrapped(value: object, depth: int = 0) -> Iterator[object]:
    """A value, and the values that it may be a wrapper of."""
    yield value
    inner: list[object] = []
    if isinstance(value, dict):
        # Beside other fields, a list of strings is a field of another schema.
        inner = [v for v in value.values() if len(value) == 1 or not _is_list_of_strings(v)]
    elif isinstance(value, list) and len(value) == 1:
        inner = value
    elif isinstance(value, str) and value.lstrip(_BLANKS)[:1] in {"{", "[", '"'}:
        inner = [_whole(value)]
    for held in inner:
        if isinstance(held, (dict, list, str)) and depth < _MAX_DEPTH:
            yield from _unwrapped(held, depth + 1)


def _is_list_of_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _repaired(section: str, schema: type[BaseModel]) -> Iterator[object]:
    """The last records in JSON that is complete, but has slips in quotes, commas or comments."""
    import json_repair

    keys = "|".join(map(re.escape, schema.model_fields))
    beginning = re.compile(
        rf"""(?i)\{{\s*(?:\\?["'“‘`]|(?:#|//|/\*)[^\n]*\n\s*["']?)?(?:{keys})\b"""
    )
    end = section.rfind("}") + 1
    for start in [match.start() for match in beginning.finditer(section)][:-4:-1]:
        broken = section[start : max(end, start)].partition("```")[0].rstrip()
        if re.match(r'\{\s*\\"', broken):
            # Escaped once too often.
            broken = broken.replace('\\"', '"').replace("\\\\", "\\")
        is_balanced = all(broken.count(a) == broken.count(b) for a, b in ("{}", "[]"))
        if broken.endswith("}") and is_balanced:
            value = json_repair.loads(broken, skip_json_loads=True)
            if _has_same_words(value, broken):
                yield value


def _has_same_words(value: object, source: str) -> bool:
    """Whether a repaired value has the words of its source, no more and no fewer."""
    kept = _words(json.dumps(value, ensure_ascii=False))
    lost = _words(_COMMENT.sub(" ", source)) - kept
    added = kept - _words(source)
    return not {*lost, *added} - _LITERALS


def _words(text: str) -> Counter[str]:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda escape: chr(int(escape[1], 16)), text)
    return Counter(re.findall(r"\w+", re.sub(r"\\[nrtbf]", " ", text).casefold()))
