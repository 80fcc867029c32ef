"""The record in a model's answer, in whatever shape it came.

Thoughts, chat marks, Markdown and prose around the record are passed over, wrappers are opened, and
what is not quite of the form is made so (`mending`). No word of a value is changed: broken JSON is
repaired only where all of its words stay.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from summarize.models.coercion import Fit, as_record

__all__ = ["read_record", "texts_of"]

A = TypeVar("A", bound=BaseModel)

_MARK = "think|thinking|thoughts?|reason|reasoning|reflection|analysis|scratchpad"
# Where thoughts end: the tags of DeepSeek, Qwen, Magistral, Kimi, Seed, Command A and MedGemma, and
# the last channel of gpt-oss, also as it is left where a server drops special tokens.
_THOUGHTS_END = re.compile(
    rf"(?i)</\s*(?:\w+:)?(?:{_MARK})\s*>|\[/(?:{_MARK})\]|◁/(?:{_MARK})▷|<\|end[_-](?:of[_-])?"
    rf"(?:{_MARK})\|>|<unused95>|<\|channel\|>\s*final\b[^{{[]*?<\|message\|>|assistantfinal"
)
# Where a model goes on with a turn of the user's, of chat templates of ChatML, Llama 3, Gemma,
# Mistral, Phi and gpt-oss.
_NEXT_TURN = re.compile(
    r"(?i)<\|im_start\|>\s*user|<\|start_header_id\|>\s*user|<start_of_turn>\s*user|\[INST\]"
    r"|<\|user\|>|<\|start\|>user"
)
# Fences and chat marks around a record.
_BEFORE = re.compile(r"^\s*(?:<\|[^|]*\|>\s*|```\w*\s*)+")
_BEHIND = re.compile(r"(?:```|<\|[^|<]*\|>|</\w+>|\s)+$")
# Fields of a message with what was thought: of vLLM and DeepSeek; of OpenRouter; of Ollama.
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_BLANKS = "\ufeff\u200b\u2060 \t\r\n"
# How deep a wrapper is opened: {"result": {"arguments": "[{…}]"}}.
_DEPTH = 5
# How JSON begins that may hold a record, and how many beginnings may turn out to be none.
_BEGINNING = re.compile(r"""\{(?=\s*")|\[(?=\s*[{"\[])""")
_MOST_FAILURES = 1_000
_COMMENT = re.compile(r"(?s)/\*.*?\*/|(?<![:\w])//[^\n]*|(?m:(?:^|(?<=[\s,{\[]))#[^\n]*)")
# Written by programs, not by the model's choice of words.
_LITERALS = frozenset({"null", "none", "true", "false", "undefined", "nan", "json"})
# 1.50 is to stay as it was written, where a text is wanted.
_DECODER = json.JSONDecoder(strict=False, parse_float=str)


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
        *(_joined(_get(part, "input")) for part in _parts(message)),
        *(_joined(_get(message, key), thoughts=True) for key in _THOUGHTS),
        _joined(_get(message, "content"), thoughts=True),
    ]
    return [text for text in found if text.strip()]


def _get(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, Mapping) else getattr(holder, key, None)


def _parts(message: Any) -> Sequence[Any]:
    content = _get(message, "content")
    return content if isinstance(content, list) else ()


def _joined(content: Any, *, thoughts: bool = False) -> str:
    """Text as such, in parts, or as the JSON that it stands for."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping) and "type" not in content:
        return json.dumps(content, ensure_ascii=False)
    if isinstance(content, Sequence):
        return "".join(_part(part, thoughts) for part in content)
    return ""


def _part(part: Any, thoughts: bool) -> str:
    """The text of a part; thoughts in a part of their own are no answer."""
    if isinstance(part, str):
        return part
    if isinstance(part, Sequence):
        return "".join(_part(inner, thoughts) for inner in part)
    is_thought = "text" not in str(_get(part, "type") or "text") or _get(part, "thought") is True
    if is_thought and not thoughts:
        return ""
    held = [_get(part, key) for key in ("text", "content", *_THOUGHTS)]
    return "".join(_part(inner, thoughts) for inner in held if isinstance(inner, (str, list)))


def read_record(texts: Sequence[str], form: type[A], *, is_cut_off: bool = False) -> A:
    """The record in an answer.

    Args:
        texts: in which it may stand, the likeliest first.
        form: what was asked for.
        is_cut_off: whether the answer ended at the limit of its length. Then only a record that was
            complete by then counts, with nothing begun behind it, and nothing is repaired.

    Raises:
        ValueError: none of the texts holds a record; a `ValidationError` says what is wrong with
            the likeliest one.
    """
    problem: ValueError = ValueError("no JSON in it")
    for text in texts:
        try:
            return form.model_validate_json(text)
        except ValidationError as error:
            if not isinstance(problem, ValidationError):
                problem = error
        record = _read(text, form, is_cut_off=is_cut_off)
        if record is not None:
            return record
    raise problem


def _read(text: str, form: type[A], *, is_cut_off: bool) -> A | None:
    text = text.strip(_BLANKS)
    ends = [mark.end() for mark in _THOUGHTS_END.finditer(text)]
    answer = text[ends[-1] :] if ends else text
    if is_cut_off:
        bare = _BEHIND.sub("", answer)
        return _best(_values(bare), form) if bare.endswith("}") else None
    turn = _NEXT_TURN.search(answer)
    sections = (answer[: turn.start()] if turn else answer, answer, text)
    for section in dict.fromkeys(sections):
        record = _best(_values(section), form)
        if record is None and _whole(section) is None:
            record = _best(_repaired(section, form), form)
        if record is not None:
            return record
    return None


def _best(values: Iterator[object], form: type[A]) -> A | None:
    """Of several records the one that fits best, and of those the last."""
    best: tuple[Fit, A] | None = None
    for value in values:
        found = as_record(value, form)
        if found and (best is None or found[0] >= best[0]):
            best = found
    return best[1] if best else None


def _values(section: str) -> Iterator[object]:
    """What JSON there is in a text, with what it wraps."""
    value = _whole(section)
    if value is not None:
        yield from _opened(value)
        return
    place = failures = 0
    for start in (mark.start() for mark in _BEGINNING.finditer(section)):
        if start < place:
            continue
        try:
            value, place = _DECODER.raw_decode(section, start)
        except (ValueError, RecursionError):
            failures += 1
            if failures > _MOST_FAILURES:
                return
        else:
            yield from _opened(value)


def _whole(section: str) -> object:
    """A text that is JSON and nothing else, but for a fence and chat marks; None if it is not."""
    try:
        return _DECODER.decode(_BEHIND.sub("", _BEFORE.sub("", section)))
    except (ValueError, RecursionError):
        return None


def _opened(value: object, depth: int = 0) -> Iterator[object]:
    """A value, and what it may be a wrapper of."""
    yield value
    if depth == _DEPTH:
        return
    if isinstance(value, Mapping):
        # Among other fields a list of texts is a field of another form.
        inner = [v for v in value.values() if len(value) == 1 or not _is_of_texts(v)]
    elif isinstance(value, list) and len(value) == 1:
        inner = value
    elif isinstance(value, str) and value.lstrip(_BLANKS)[:1] in {"{", "[", '"'}:
        inner = [_whole(value)]
    else:
        return
    for held in inner:
        if isinstance(held, (Mapping, list, str)):
            yield from _opened(held, depth + 1)


def _is_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _repaired(section: str, form: type[BaseModel]) -> Iterator[object]:
    """Records in JSON that is broken: escaped once too often, in Python's form, with commas astray.

    Only what has its end is repaired, and only where all of its words stay.
    """
    import json_repair

    keys = "|".join(map(re.escape, form.model_fields))
    begins = re.compile(
        rf"""(?i)\{{\s*(?:\\?["'“‘`]|&quot;|(?:#|//|/\*)[^\n]*\n\s*["']?)?(?:{keys})\b"""
    )
    end = section.rfind("}") + 1
    for begin in [match.start() for match in begins.finditer(section)][:-4:-1]:
        broken = section[begin : max(end, begin)].partition("```")[0].rstrip()
        if "&quot;" in broken:
            broken = html.unescape(broken)
        if re.match(r'\{\s*\\"', broken):
            broken = broken.replace('\\"', '"').replace("\\\\", "\\")
        if not _is_balanced(broken):
            continue
        value = json_repair.loads(broken, skip_json_loads=True)
        if _has_all_words(value, broken):
            yield value


def _is_balanced(text: str) -> bool:
    return text.endswith("}") and all(text.count(a) == text.count(b) for a, b in ("{}", "[]"))


def _has_all_words(value: object, source: str) -> bool:
    """Whether a repaired value has the words of its source, each text as it stands there."""
    source = _unescaped(source)
    known = f" {' '.join(_split(source))} "
    texts = list(_texts(value))
    if not all(f" {' '.join(_split(text))} " in known for text in texts if _split(text)):
        return False
    lost = Counter(_split(_COMMENT.sub(" ", source)))
    lost.subtract(word for text in texts for word in _split(text))
    return not {word for word, count in lost.items() if count > 0} - _LITERALS


def _split(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            yield str(key)
            yield from _texts(held)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


def _unescaped(text: str) -> str:
    def character(escape: re.Match[str]) -> str:
        return (
            chr(int(escape[1], 16))
            if escape[1]
            else " "
            if escape[0][1] in "nrtbf"
            else escape[0][1]
        )

    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|.)", character, text)
