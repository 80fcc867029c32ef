"""A value that means a record, made the form that was asked for. No word of a text is changed."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from summarize.prompting.draft import says_something

__all__ = ["Fit", "as_record"]

A = TypeVar("A", bound=BaseModel)

Fit = tuple[bool, int]
"""How well a value is of a form: whether nothing had to be mended, and how many keys it has."""

_LISTS = (list, tuple, Sequence)
# Of an object where a text is wanted, and of a form that is given as a text: which text is meant.
_MEANT = ("text", "name", "topic", "title", "value", "description", "content")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+")
# What an unknown or missing choice becomes, where the form has it.
_CATCH_ALLS = ("other", "statement")


def as_record(value: object, form: type[A]) -> tuple[Fit, A] | None:
    """A value as a record of the form, and how well it fits; None where it is something else."""
    fields = form.model_fields
    if isinstance(value, list) and len(fields) == 1:
        # The one list that was asked for, without its name.
        is_other = any(isinstance(item, (Mapping, list)) for item in value)
        if not is_other and _is_list(*fields.values()):
            value = dict.fromkeys(fields, value)
        fit = (False, 0)
    elif isinstance(value, Mapping):
        value = _keyed(value, form)
        fit = (False, len(value))
        if not value or len(value) * 2 < len(fields) or any(map(_is_schema, value.values())):
            return None
    if not isinstance(value, Mapping):
        return None
    try:
        return (True, len(fields)), form.model_validate(value)
    except ValidationError:
        pass
    try:
        return fit, form.model_validate(_object(value, form))
    except ValidationError:
        return None


def _is_list(field: Any) -> bool:
    return get_origin(_plain(field.annotation)) in _LISTS


def _is_schema(value: object) -> bool:
    """Whether a model repeats the JSON schema that it was sent, instead of filling it."""
    kinds = {"string", "array", "object"}
    return isinstance(value, Mapping) and ("$ref" in value or value.get("type") in kinds)


def _keyed(value: Mapping[Any, Any], form: type[BaseModel]) -> dict[str, Any]:
    """What a value says of the form, under the form's own keys."""
    names = {_folded(name): name for name in form.model_fields}
    keyed = {name: value[name] for name in form.model_fields if name in value}
    for key, held in value.items():
        if (name := names.get(_folded(str(key)))) and name not in keyed:
            keyed[name] = held
    return keyed


def _object(value: Mapping[Any, Any], form: type[BaseModel]) -> dict[str, Any]:
    keyed = _keyed(value, form)
    is_empty = not any(held for held in keyed.values() if isinstance(held, (list, Mapping)))
    return {
        name: _mended(keyed.get(name), field.annotation, is_empty)
        for name, field in form.model_fields.items()
        if name in keyed or field.is_required()
    }


def _mended(value: Any, wanted: Any, is_empty: bool = False) -> Any:
    """A value as its field wants it; what cannot be mended stays, and is refused."""
    wanted = _plain(wanted)
    if options := _choices(wanted):
        return _choice(value, options, is_empty)
    if get_origin(wanted) in _LISTS:
        return _list(value, get_args(wanted)[0])
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        if isinstance(value, Mapping):
            return _item(value, wanted)
        return _from_text(value, wanted) if isinstance(value, str) else value
    return _text(value) if wanted is str else value


def _plain(wanted: Any) -> Any:
    """A type without its annotations, and without None as an alternative."""
    if get_origin(wanted) is Annotated:
        return _plain(get_args(wanted)[0])
    if get_origin(wanted) in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(wanted) if kind is not type(None)]
        return _plain(kinds[0]) if len(kinds) == 1 else wanted
    return wanted


def _list(value: Any, wanted: Any) -> list[Any]:
    is_text = _plain(wanted) is str
    if isinstance(value, str) and not says_something(value):
        value = None
    if value is None:
        return []
    items = _items(value, wanted)
    # A text that is null keeps its place: the order may say what it answers.
    return [_mended(item, wanted) for item in items if is_text or item not in (None, "", {}, [])]


def _items(value: Any, wanted: Any) -> list[Any]:
    """The items of a list that may have come in a wrapper, with keys of its own, or as lines."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        lines = [line for line in value.splitlines() if line.strip()]
        bare = [_BULLET.sub("", line) for line in lines]
        is_list = all(len(short) < len(line) for short, line in zip(bare, lines, strict=True))
        return bare if is_list and bare else [value]
    if not isinstance(value, Mapping):
        return [value]
    held = list(value.values())
    if len(held) == 1 and isinstance(held[0], list):
        return held[0]
    if all(str(key).isdigit() for key in value):
        return held
    form = _plain(wanted)
    if isinstance(form, type) and issubclass(form, BaseModel) and not _keyed(value, form):
        # By name: {"Mira Vos": "Foreign Minister"}, {"Mira Vos": {"role": "Foreign Minister"}}.
        meant, *others = _text_names(form)
        if others and all(isinstance(part, str) for part in held):
            return [{meant: key, others[0]: part} for key, part in value.items()]
        if all(isinstance(part, Mapping) for part in held):
            return [{meant: key, **part} for key, part in value.items()]
    return [value]


def _item(value: Mapping[Any, Any], form: type[BaseModel]) -> Any:
    """An object in a list; what does not say its name or text is left as it is, and refused."""
    meant = next(iter(_text_names(form)), None)
    keyed = _keyed(value, form)
    if meant and meant not in keyed:
        names = {_folded(name) for name in form.model_fields}
        others = [
            held
            for key, held in value.items()
            if isinstance(held, str) and _folded(str(key)) not in names
        ]
        if len(others) != 1:
            return value
        keyed[meant] = others[0]
    return _object(keyed, form)


def _text_names(form: type[BaseModel]) -> list[str]:
    """The names of a form's texts, that of the text which is meant first."""
    names = [name for name, field in form.model_fields.items() if _plain(field.annotation) is str]
    return sorted(names, key=lambda name: _MEANT.index(name) if name in _MEANT else len(_MEANT))


def _text(value: Any) -> Any:
    match value:
        case None | []:
            return ""
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case list():
            texts = [_text(item) for item in value]
            is_text = all(isinstance(text, str) for text in texts)
            return ", ".join(filter(None, texts)) if is_text else value
        case Mapping():
            return _text_of(value)
    # Half a surrogate pair is no text.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _text_of(value: Mapping[Any, Any]) -> Any:
    """The text that an object means."""
    if not any(value.values()):
        return ""
    keys = {_folded(str(key)): key for key in value}
    texts = [held for held in value.values() if isinstance(held, str) and held]
    if len(texts) == 1:
        return texts[0]
    return next(
        (value[keys[key]] for key in _MEANT if isinstance(value.get(keys.get(key)), str)), value
    )


def _from_text(value: str, form: type[BaseModel]) -> dict[str, Any]:
    """An object of which only its text was given."""
    return _object(dict.fromkeys(_text_names(form)[:1], value), form)


def _choices(wanted: Any) -> dict[str, Any]:
    """The values of an enumeration, by their names in one spelling."""
    if get_origin(wanted) is Literal:
        return {_folded(str(choice)): choice for choice in get_args(wanted)}
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return {_folded(str(choice.value)): choice.value for choice in wanted}
    return {}


def _choice(value: Any, options: dict[str, Any], is_empty: bool) -> Any:
    said = str(_text(value))
    known = {_stem(name): choice for name, choice in options.items()}
    if (spelled := _stem(_folded(said))) in known:
        return known[spelled]
    catch_all = next((options[name] for name in _CATCH_ALLS if name in options), None)
    if not says_something(said):
        # Nothing was said, where nothing else is; else only the kind was left open.
        return options["none"] if "none" in options and (is_empty or not catch_all) else catch_all
    named = list(dict.fromkeys(_named(said, known)))
    if len(named) == 1 or (named and isinstance(value, list)):
        return named[0]
    return value if catch_all is None else catch_all


def _named(said: str, known: Mapping[str, Any]) -> Iterator[Any]:
    """The choices that a text has among its words."""
    for word in re.findall(r"\w+", said):
        if (spelled := _stem(_folded(word))) in known:
            yield known[spelled]


def _folded(name: str) -> str:
    """A name without regard to case, and to what stands between its words."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", split).strip("_").casefold()


def _stem(name: str) -> str:
    return name.removesuffix("s")
