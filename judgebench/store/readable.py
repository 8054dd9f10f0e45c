"""JSON that is sure to be read back: a model may emit anything, a plugin may return anything."""

import math
from typing import Any, TypeVar

import msgspec

V = TypeVar("V")


def base(value: Any) -> Any:
    """A value of a subclass of str, int or float (numpy.float64 is one) as the class itself. TypeError for others."""
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"{type(value).__name__} is none of the types that can be written")


_encoder = msgspec.json.Encoder(enc_hook=base)


def whole(text: str) -> str:
    """The text with halves of a surrogate pair joined, and with U+FFFD for a half that stands alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(value: Any) -> Any:
    """A value as dicts, lists, strings and numbers that JSON can hold.

    Texts are `whole`; a float that is not finite becomes its name, which decoders that are not
    strict read as the number.
    """
    return _plain(msgspec.to_builtins(value, enc_hook=base, str_keys=True))


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {whole(key): _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case str():
            return whole(value)
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def encode(value: Any, encoder: msgspec.json.Encoder = _encoder) -> bytes:
    """A value's JSON; one with a broken text goes by way of `plain`. TypeError for what JSON cannot hold."""
    try:
        return encoder.encode(value)
    except UnicodeEncodeError:
        return encoder.encode(plain(value))


def readable(value: V, decoder: msgspec.json.Decoder[V]) -> bytes:
    """JSON that `decoder` (not strict) has read back; what JSON cannot hold goes by way of `plain`.

    TypeError or msgspec.ValidationError when a field holds a value of another type than it declares.
    """
    try:
        data = _encoder.encode(value)
        if decoder.decode(data) == value:
            return data
    except (UnicodeEncodeError, msgspec.ValidationError):
        pass
    held = plain(value)
    data = _encoder.encode(held)
    if plain(decoder.decode(data)) != held:
        raise TypeError("a field holds a value of another type than it declares")
    return data
