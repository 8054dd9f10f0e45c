"""Digests of values: of requests, identities and whole records."""

import hashlib
from typing import Any

import msgspec

from judgebench.store.readable import base, encode

_sorted = msgspec.json.Encoder(order="sorted", enc_hook=base)
_declared = msgspec.json.Encoder(order="deterministic", enc_hook=base)


def digest(value: Any) -> bytes:
    """blake2b-128 of a value's JSON; fields of dataclasses stand in their order of declaration, keys sorted."""
    return hashlib.blake2b(encode(value, _declared), digest_size=16).digest()


def sha256(value: Any) -> str:
    """sha256 of a value's JSON with sorted keys, hexadecimal: for what is published."""
    return hashlib.sha256(encode(value, _sorted)).hexdigest()
