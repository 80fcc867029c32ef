"""Coerces JSON that means a record to its schema. No word of a text is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from summarize.prompting.draft import says_something

__all__ = ["Fit", "coerce_record"]

S = TypeVar("S", bound=BaseModel)

Fit = tuple[bool, int]
"""How well a value fits a schema: whether it is valid as it is, and how many keys it has."""

# The fields of an object that may hold the text which is wanted, the likeliest first.
_TEXT_KEYS = ("text", "name", "topic", "title", "value", "description", "content")
# What an unknown or missing choice becomes, where the schema has it.
_CATCH_ALLS = ("other", "statement")


def coerce_record(value: object, schema: type[S]) -> tuple[Fit, S] | None:
    """Returns a value as a record of the schema, and how well it fits; None if it is no record."""
    fields = schema.model_fields
    fit = (False, 0)
    if isinstance(value, list) and len(fields) == 1:
        # The one list of the schema, without its name.
        is_other = any(isinstance(item, (dict, list)) for item in value)
        if not is_other and all(_is_list(f.annotation) for f in fields.values()):
            value = dict.fromkeys(fields, value)
    elif isinstance(value, dict):
        value = _keyed(value, schema)
        fit = (False, len(value))
        if not value or len(value) * 2 < len(fields) or any(map(_is_schema, value.values())):
            return None
    if not isinstance(value, dict):
        return None
    try:
        return (True, len(fields)), schema.model_validate(value)
    except ValidationError:
        pass
    try:
        return fit, schema.model_validate(_object(value, schema))
    except ValidationError:
        return None


def _is_schema(value: object) -> bool:
    """Whether a model repeats the JSON schema that it was sent, instead of filling it."""
    kinds = ("string", "array", "object")
    return isinstance(value, dict) and ("$ref" in value or value.get("type") in kinds)


def _is_list(wanted: Any) -> bool:
    return get_origin(wanted) in (list, Sequence)


def _keyed(value: Mapping[Any, Any], schema: type[BaseModel]) -> dict[str, Any]:
    """The fields of a value that the schema has, under the schema's own keys."""
    names = {_folded(name): name for name in schema.model_fields}
    keyed = {name: value[name] for name in schema.model_fields if name in value}
    for key, held in value.items():
        if name := names.get(_folded(str(key))):
            keyed.setdefault(name, held)
    return keyed


def _object(value: Mapping[Any, Any], schema: type[BaseModel]) -> dict[str, Any]:
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
        return _choice(value, {_stem(choice): choice for choice in get_args(wanted)}, is_empty)
    if _is_list(wanted):
        return _list(value, get_args(wanted)[0])
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        return _item(value, wanted)
    return _text(value) if wanted is str else value


def _list(value: Any, wanted: Any) -> list[Any]:
    if value is None or (isinstance(value, str) and not says_something(value)):
        return []
    if isinstance(value, dict) and len(value) == 1:
        # A wrapper: {"items": […]}.
        value = next((held for held in value.values() if isinstance(held, list)), value)
    items = value if isinstance(value, list) else [value]
    # A string that is null keeps its place: the order may say what it answers.
    kept = [item for item in items if wanted is str or item not in (None, "", {}, [])]
    return [_coerced(item, wanted) for item in kept]


def _item(value: Any, schema: type[BaseModel]) -> Any:
    """An object of a list; one without its name or text stays as it is, and is refused."""
    main = next(name for name in _TEXT_KEYS if name in schema.model_fields)
    if isinstance(value, str):
        value = {main: value}
    is_complete = isinstance(value, dict) and main in _keyed(value, schema)
    return _object(value, schema) if is_complete else value


def _text(value: Any) -> Any:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        texts = [_text(item) for item in value]
        is_text = all(isinstance(text, str) for text in texts)
        return ", ".join(filter(None, texts)) if is_text else value
    if isinstance(value, dict):
        held = {_folded(str(key)): text for key, text in value.items() if isinstance(text, str)}
        if len(held) == 1:
            return next(iter(held.values()))
        return next((held[key] for key in _TEXT_KEYS if key in held), value)
    # Half a surrogate pair is no text.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _choice(value: Any, options: dict[str, str], is_empty: bool) -> Any:
    """One of the values of an enumeration, which `options` has by their stems."""
    said = str(_text(value))
    if (name := _stem(said)) in options:
        return options[name]
    catch_all = next((options[name] for name in _CATCH_ALLS if name in options), None)
    if not says_something(said):
        # Nothing was said where nothing else is, else only the kind was left open.
        return options["none"] if "none" in options and (is_empty or not catch_all) else catch_all
    named = {options[word] for word in map(_stem, re.findall(r"\w+", said)) if word in options}
    return named.pop() if len(named) == 1 else catch_all or value


def _folded(name: str) -> str:
    """A name without regard to case, and to what stands between its words."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", split).strip("_").casefold()


def _stem(name: str) -> str:
    """A folded name without the s of a plural."""
    return _folded(name).removesuffix("s")
