"""Plain values as JSON and back, by their annotations.

What is read may have been written by a process that a hostile picture has taken over, so nothing is taken on trust:
every value has to be of its kind, numbers finite, and what comes out can be kept by any database.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import math
import numbers
import types
from collections.abc import Callable
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
LARGEST_WHOLE = 2**53


class Misread(ValueError):
    """It is not what it should be."""


def told(value: object) -> Any:
    """A dataclass, tuple, mapping or number of ours in the types that JSON has; bytes in base64."""
    if dataclasses.is_dataclass(value):
        return {field.name: told(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [told(each) for each in value]
    if isinstance(value, frozenset | set):
        return sorted(told(each) for each in value)
    if isinstance(value, dict):
        return {str(name): told(each) for name, each in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return _told_number(value) if isinstance(value, numbers.Real) else value


def _told_number(value: numbers.Real) -> float | int | bool:
    """Also those of numpy, which JSON does not know."""
    if isinstance(value, bool):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    if not math.isfinite(value):
        raise Misread("not finite")
    return float(value)


def read(kind: type[T], plain: object) -> T:
    """What `told` has told, as a `kind`; raises Misread. Fields nobody knows are left out, as is what has a default:
    values are kept, and their classes grow."""
    try:
        return cast(T, _read(kind, plain))
    except RecursionError as error:
        raise Misread("too deep") from error


def _read(kind: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind):
        return _record(cast(type, kind), plain)
    origin = get_origin(kind)
    if origin is None:
        return _single(kind, plain)
    return _COMPOUND[origin](get_args(kind), plain)


def _record(kind: type, plain: Any) -> Any:
    hints, found = _hints(kind), _of(dict, plain)
    try:
        return kind(**{name: _read(hint, found[name]) for name, hint in hints.items() if name in found})
    except TypeError as error:
        raise Misread(f"{kind.__name__} is not whole") from error


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _single(kind: Any, plain: Any) -> Any:
    if kind is float:
        return _number(plain)
    if kind is str:
        return _text(plain)
    if kind is bytes:
        return _bytes(plain)
    found = _of(kind, plain)
    if kind is int and (isinstance(found, bool) or abs(found) > LARGEST_WHOLE):
        raise Misread("no whole number of ours")
    return found


def _number(plain: Any) -> float:
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise Misread("no number")
    try:
        number = float(plain)
    except OverflowError as error:
        raise Misread("no number of ours") from error
    if not math.isfinite(number):
        raise Misread("not finite")
    return number


def _text(plain: Any) -> str:
    """Without what PostgreSQL does not keep: NUL, and halves of characters."""
    return str(_of(str, plain)).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _bytes(plain: Any) -> bytes:
    try:
        return base64.b64decode(_of(str, plain), validate=True)
    except ValueError as error:
        raise Misread("no bytes") from error


def _of(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, kind):
        raise Misread(f"no {getattr(kind, '__name__', kind)}")
    return plain


def _one_of(choices: tuple[Any, ...], plain: Any) -> Any:
    if not isinstance(plain, str) or plain not in choices:
        raise Misread("none of the choices")
    return plain


def _either(kinds: tuple[Any, ...], plain: Any) -> Any:
    """None, or the one other kind."""
    if plain is None and types.NoneType in kinds:
        return None
    (kind,) = [kind for kind in kinds if kind is not types.NoneType]
    return _read(kind, plain)


def _several(kinds: tuple[Any, ...], plain: Any) -> tuple[Any, ...]:
    found = _of(list, plain)
    if kinds[1:] == (...,):
        kinds = kinds[:1] * len(found)
    if len(kinds) != len(found):
        raise Misread("not as many as there should be")
    return tuple(_read(kind, each) for kind, each in zip(kinds, found, strict=True))


def _named(kinds: tuple[Any, ...], plain: Any) -> dict[str, Any]:
    return {_text(name): _read(kinds[1], each) for name, each in _of(dict, plain).items()}


_COMPOUND: dict[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    Literal: _one_of,
    Union: _either,
    types.UnionType: _either,
    tuple: _several,
    dict: _named,
    frozenset: lambda kinds, plain: frozenset(_several((kinds[0], ...), plain)),
}
