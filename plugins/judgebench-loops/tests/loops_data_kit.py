"""What the records of a small loop say, read by plain code."""

import re
from statistics import fmean

from loops_kit import record

PAIRS, CANDIDATES = "iteration-1/pairs", "iteration-1/candidates"
JUDGED, LABELS = "iteration-1/judgments", "iteration-1/labels"


def said_to(of):
    """By prompt the distinct texts of its candidates in the order of their draws, from the record."""
    found = {}
    for answer in sorted(record(of, CANDIDATES, "answer"), key=lambda row: int(row["item"].rpartition("/")[2])):
        name, _, draw = answer["item"].rpartition("/")
        texts = found.setdefault(name, {})
        texts.setdefault(answer["response"]["turns"][0], int(draw))
    return {name: texts for name, texts in found.items() if len(texts) > 1}


def judged(of, candidates, samples):
    """By prompt for each response the (score or None, text) of each draw, from the record of an additive judge."""
    found = {}
    for verdict in record(of, JUDGED, "verdict"):
        order = verdict["order"]
        columns = [[] for _ in order]
        for draw in range(samples):
            drawn = [one["completion"]["text"] for one in verdict["samples"] if one.get("part", 0) == draw]
            for place, text in enumerate(drawn):
                score = re.search(r"(?i)(?:Score|Points): ([0-9.]+)", text)
                columns[order[place]].append((float(score[1]) if score else None, text))
        found[verdict["item"]] = columns
    assert found.keys() == candidates.keys()
    return found


def means(columns):
    found = []
    for column in columns:
        read_ = [score for score, _ in column if score is not None]
        found.append(fmean(read_) if read_ else None)
    return found
