"""LLMBar's own files: their sets, and the items of their rows."""

from collections.abc import Mapping
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response

SETS = {
    "Natural": "llmbar-natural",
    "Adversarial/Neighbor": "llmbar-adver-neighbor",
    "Adversarial/GPTInst": "llmbar-adver-GPTInst",
    "Adversarial/GPTOut": "llmbar-adver-GPTOut",
    "Adversarial/Manual": "llmbar-adver-manual",
}
"""Each set's folder, and the name by which RewardBench knows it."""
GOLD = {1: (1.0, 0.0), 2: (0.0, 1.0)}


def llmbar_item(where: str, row: Mapping[str, Any], subset: str, place: int) -> Item:
    """The item `SUBSET-PLACE`, from 0, of a row of `dataset.json` or `result.json`. DataError names the row."""
    texts = [row.get(name) for name in ("input", "output_1", "output_2")]
    question, first, second = (text if isinstance(text, str) else None for text in texts)
    label = row.get("label")
    if not question or first is None or second is None or type(label) is not int or label not in GOLD:
        raise DataError(f"{where} is no row of LLMBar", "it has input, output_1, output_2 and label (1 or 2)")
    return Item(
        id=f"{subset}-{place}",
        turns=(question,),
        responses=(Response((first,), "output_1"), Response((second,), "output_2")),
        gold=Preference(GOLD[label]),
        stratum=subset,
        subsets=(subset,),
    )
