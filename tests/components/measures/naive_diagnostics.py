"""Naive twins of measures of a judge's leanings: from rows with weights and all rows, to a value in 0..1 and its n."""

import math


def said(row):
    """The verdicts by order; None where one that was planned is missing."""
    found = [p for p, planned in zip(row["preference"], row["planned"], strict=True) if planned]
    return None if None in found else found


def wins(row):
    found = said(row)
    return None if found is None else sum(1.0 if p > 0.5 else 0.5 if p == 0.5 else 0.0 for p in found) / len(found)


def mean(found):
    """A weighted mean of (value, weight), and how many there are."""
    total = sum(weight for _, weight in found)
    return sum(value * weight for value, weight in found) / total if total else math.nan


def size(row, by):
    return row["length"] if by == "characters" else [None if t is None else len(t.split()) for t in row["text"]]


def longer_side(row, by):
    """0 or 1: the slot of the longer response; None for neither."""
    first, second = size(row, by)
    return None if first is None or second is None or first == second else int(second > first)


def better_side(row):
    return None if row["gold"] in (None, 0.5) else int(row["gold"] < 0.5)


def won_by(row, side):
    return wins(row) if side == 0 else 1 - wins(row)


def length_bias(rows, _, by="characters"):
    found = [(row, w, longer_side(row, by)) for row, w in rows]
    entered = [(won_by(row, side), w) for row, w, side in found if side is not None and said(row) is not None]
    return mean(entered), len(entered)


def verbosity_bias(rows, _, by="characters"):
    longer, shorter = [], []
    for row, w in rows:
        side, better = longer_side(row, by), better_side(row)
        if side is not None and better is not None and said(row) is not None:
            (longer if side == better else shorter).append((won_by(row, better), w))
    return mean(longer) - mean(shorter), len(longer) + len(shorter)


def right(row):
    """Averaged as probabilities, then decided."""
    p, better = sum(said(row)) / len(said(row)), better_side(row)
    return 0.5 if p == 0.5 else float((p > 0.5) == (better == 0))


def matched(rows, _, within=1.25):
    entered = []
    for row, w in rows:
        if better_side(row) is not None and said(row) is not None and None not in row["length"]:
            short, long = sorted(row["length"])
            if long <= within * short:
                entered.append((right(row), w))
    return mean(entered), len(entered)


def balanced(rows, _):
    longer, shorter = [], []
    for row, w in rows:
        side, better = longer_side(row, "characters"), better_side(row)
        if side is not None and better is not None and said(row) is not None:
            (longer if side == better else shorter).append((right(row), w))
    return (mean(longer) + mean(shorter)) / 2, len(longer) + len(shorter)


def own_side(row):
    return row["own"].index(True) if sum(row["own"]) == 1 else None


def others(row, everybody, against):
    """P(slot 0 is better) by others."""
    if against == "gold":
        return row["gold"]
    if against == "votes":
        a, tie, b = row["votes"]
        return (a + tie / 2) / (a + tie + b) if a + tie + b else None
    heard = [
        wins(other)
        for other in everybody
        if other["subject"] != row["subject"] and other["shown"] == row["shown"]
        and not any(other["own"]) and said(other) is not None
    ]  # fmt: skip
    return sum(heard) / len(heard) if heard else None


def self_preference(rows, everybody, against="gold"):
    entered = []
    for row, w in rows:
        side, other = own_side(row), others(row, everybody, against)
        if side is not None and other is not None and said(row) is not None:
            entered.append((won_by(row, side) - (other if side == 0 else 1 - other), w))
    return mean(entered), len(entered)


def by_quality(rows, everybody, against="gold"):
    own, theirs = [], []
    for row, w in rows:
        side, other = own_side(row), others(row, everybody, against)
        if side is not None and other not in (None, 0.5) and said(row) is not None:
            better = int(other < 0.5)
            (own if better == side else theirs).append((won_by(row, better), w))
    return mean(own) - mean(theirs), len(own) + len(theirs)


def prefers_own(rows, _):
    entered = [(won_by(row, own_side(row)), w) for row, w in rows if own_side(row) is not None and said(row)]
    return mean(entered), len(entered)


def word(p):
    return "tie" if p == 0.5 else p > 0.5


def agreeing(words):
    """Over all pairs of two different ones."""
    found = [words[i] == words[j] for i in range(len(words)) for j in range(len(words)) if i != j]
    return sum(found) / len(found) if found else None


def of_orders(orders):
    known = [share for share in map(agreeing, orders) if share is not None]
    return sum(known) / len(known) if known else None


def repeats(rows, _):
    groups = {}
    for row, w in rows:
        groups.setdefault(row["shown"], []).append((row, w))
    entered = []
    for group in groups.values():
        orders = [[word(row["preference"][k]) for row, _ in group if row["preference"][k] is not None] for k in (0, 1)]
        if (share := of_orders(orders)) is not None:
            entered.append((share, group[0][1]))
    return mean(entered), len(entered)


def samples(rows, _):
    entered = []
    for row, w in rows:
        share = of_orders([[word(p) for p in order if p is not None] for order in row["parts"]])
        if share is not None:
            entered.append((share, w))
    return mean(entered), len(entered)


def sure(rows):
    """(confidence, right, weight, cluster) of each pair."""
    found = []
    for row, w in rows:
        if better_side(row) is not None and said(row) is not None:
            p = sum(said(row)) / len(said(row))
            correct = 0.5 if p == 0.5 else row["gold"] if p > 0.5 else 1 - row["gold"]
            found.append((max(p, 1 - p), correct, w, row["cluster"]))
    return found


def into_bins(found, bins):
    binned = {}
    for one in found:
        k = next(k for k in range(bins, 0, -1) if k == 1 or one[0] >= 0.5 + (k - 1) * 0.5 / bins - 1e-10)
        binned.setdefault(k, []).append(one)
    return binned


def ece(rows, _, bins=10):
    found = sure(rows)
    total = sum(w for _, _, w, _ in found)
    gaps = [abs(sum(w * (r - c) for c, r, w, _ in part)) for part in into_bins(found, bins).values()]
    return (sum(gaps) / total if total else math.nan), len(found)


def squared(rows, _, bins=4):
    found, gaps = sure(rows), []
    for part in into_bins(found, bins).values():
        total = sum(w for _, _, w, _ in part)
        if total:
            gaps.append(((sum(w * (r - c) for c, r, w, _ in part) / total) ** 2, total))
    return mean(gaps), len(found)


def debiased(rows, _, bins=4):
    """Products of every two rows of different clusters."""
    found, gaps = sure(rows), []
    for part in into_bins(found, bins).values():
        two = [(a, b) for a in part for b in part if a[3] != b[3]]
        count = sum(a[2] * b[2] for a, b in two)
        if count:
            products = sum(a[2] * b[2] * (a[1] - a[0]) * (b[1] - b[0]) for a, b in two)
            gaps.append((products / count, sum(a[2] for a in part)))
    return mean(gaps), len(found)


def brier(rows, _):
    found = [(row, w) for row, w in rows if better_side(row) is not None and said(row) is not None]
    return mean([((sum(said(row)) / len(said(row)) - row["gold"]) ** 2, w) for row, w in found]), len(found)


def log_loss(rows, _, floor=0.01):
    found = []
    for row, w in rows:
        if better_side(row) is not None and said(row) is not None:
            p = min(max(sum(said(row)) / len(said(row)), floor), 1 - floor)
            found.append((-row["gold"] * math.log(p) - (1 - row["gold"]) * math.log(1 - p), w))
    return mean(found), len(found)
