"""Digests of values: of requests, identities and whole records."""

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")
_plain = msgspec.json.Encoder()


def digest(value: Any) -> bytes:
    """blake2b-128 of a value's JSON; fields of dataclasses stand in their order of declaration."""
    return hashlib.blake2b(_plain.encode(value), digest_size=16).digest()


def sha256(value: Any) -> str:
    """sha256 of a value's JSON with sorted keys, hexadecimal: for what is published."""
    return hashlib.sha256(_encoder.encode(value)).hexdigest()
