"""arena-hard: recorded judgments of Arena-Hard, and battles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item, Judged, Miss, Preference, Response, Sample
from judgebench.core.request import Completion
from judgebench.forms.answers import Answers, answers_by_author, counts
from judgebench.forms.battles import CATEGORIES, ORDERS, WINNERS, games_in, games_of
from judgebench.forms.files import read_rows
from judgebench.forms.labels import preference
from judgebench.plugin.kinds import Import
from judgebench.plugin.options import option

FIRST = "arena-hard-v0.1"
COUNTS = {
    "tokens": "sum_assistant_{}_tokens",
    "headers": "header_count_{}",
    "lists": "list_count_{}",
    "bold": "bold_count_{}",
}
"""Columns of a battle that count the style of the answer of side a or b."""


@dataclass(frozen=True)
class ArenaHard(Import):
    """`model_judgment` files of v0.1 and v2.0, and files of battles.

    A judgment names its category, or its question_id as the first ones did, and by it the benchmark that it is about:
    arena-hard-v0.1 or arena-hard-v2.0, of which `--benchmark arena-hard-v2.0,category=hard_prompt` takes a category
    alone. On the hub the files are lmarena-ai/arena-hard-auto/data/BENCHMARK/model_judgment/JUDGE/MODEL.jsonl.

    A judgment has two games, the baseline shown first and then the model; one that is missing or holds no label is a
    missing verdict. Labels are taken as recorded (`score`), and the judge's text is kept.

    A battle has question_id, model_a, model_b and winner, and perhaps judge and the style of both answers
    (`conv_metadata`); `judgebench.forms.battles` says how rows become games. Where one model is `model_a` of every row
    it is the baseline; else the models are compared with each other.

    `answers` is a folder of model_answer files (MODEL.jsonl), or one file with all models' rows: texts and style of the
    answers. A file's name stands for the model that alone is in it.
    """

    name = "arena-hard"
    summary = "Arena-Hard's model_judgment files, and files of battles"
    benchmark = FIRST

    answers: str | None = option(
        None, help="folder of model_answer files, or one file, for the answers' texts and style"
    )
    baseline: str | None = option(None, help="the baseline, where files do not name it (default: the category's)")
    judge: str = option("recorded", help="who judged, where battles do not say")

    def about(self, paths: Sequence[Path]) -> str:
        """The benchmark of the rows' categories. ConfigError where it cannot be told, or where there are two."""
        found = {name: where for path in paths for where, row in read_rows(path) for name in [_benchmark(where, row)]}
        if len(found) > 1:
            several = " and ".join(f"{where} about {name}" for name, where in sorted(found.items()))
            raise ConfigError(f"the files are about two benchmarks: {several}", "import each into a folder of its own")
        return next(iter(found))

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        """Every judgment or battle of every file."""
        for path in paths:
            rows = read_rows(path)
            if "winner" in rows[0][1]:
                yield from self._battles(rows)
            else:
                for where, row in rows:
                    yield from self._judgment(where, row)

    def _judgment(self, where: str, row: Mapping[str, Any]) -> Iterator[Judged]:
        name = row.get("question_id") if row.get("uid") is None else row["uid"]
        model, judge, games = row.get("model"), row.get("judge"), row.get("games")
        if not isinstance(name, str | int) or not isinstance(model, str) or not isinstance(judge, str):
            raise DataError(f"{where} is no judgment", "it needs uid or question_id, model, judge and games")
        if not isinstance(games, list) or len(games) > len(ORDERS):
            raise DataError(f"{where}: games is {games!r}"[:200], "a judgment has a list of two games")
        category = str(row.get("category") or "")
        baseline = str(row.get("baseline") or self.baseline or CATEGORIES.get(category, CATEGORIES[FIRST])[1])
        item = Item(id=str(name), turns=(), baseline=self._response(baseline, str(name)), stratum=category)
        for number, order in enumerate(ORDERS):
            verdict, samples = _game(games[number] if number < len(games) else None, judge)
            yield Judged(
                item=item,
                judge=judge,
                verdict=verdict,
                policy=model,
                response=self._response(model, str(name)),
                order=order,
                samples=samples,
            )

    def _battles(self, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Judged]:
        for where, row in rows:
            if str(row.get("winner")) not in WINNERS or not all(
                isinstance(row.get(key), str | int) for key in ("question_id", "model_a", "model_b")
            ):
                raise DataError(f"{where} is no battle", "it needs question_id, model_a, model_b and winner")
        firsts = {str(row["model_a"]) for _, row in rows}
        baseline = self.baseline or (next(iter(firsts)) if len(firsts) == 1 else None)

        def about(place: tuple[str, Mapping[str, Any]]) -> tuple[str, str, str, str]:
            row = place[1]
            judge = str(row.get("judge") or self.judge)
            return str(row["question_id"]), str(row["model_a"]), str(row["model_b"]), judge

        groups = [(*pair, list(group)) for pair, group in groupby(sorted(rows, key=about), key=about)]
        paired = any(len(games_in([WINNERS[str(row["winner"])] for _, row in whole])) > 1 for *_, whole in groups)
        for name, a, b, judge, whole in groups:
            if baseline is not None and baseline not in (a, b):
                raise DataError(
                    f"{whole[0][0]} is a battle between '{a}' and '{b}'",
                    f"the baseline '{baseline}' is neither of them",
                )
            first, second = (a, b) if baseline == b else (b, a)
            mine, theirs = self._response(first, name, whole[0], b), self._response(second, name, whole[0], b)
            wins = [
                WINNERS[str(row["winner"])] if first == a else 1.0 - WINNERS[str(row["winner"])] for _, row in whole
            ]
            for order, repeat, verdict in games_of(wins, ORDERS if first == b else ORDERS[::-1], paired):
                yield Judged(
                    item=Item(id=name, turns=(), baseline=None if baseline is None else theirs),
                    judge=judge,
                    verdict=verdict,
                    policy=first,
                    response=mine,
                    order=order,
                    repeat=repeat,
                    opponent=None if baseline is not None else second,
                    against=None if baseline is not None else theirs,
                )

    def _response(
        self, author: str, item: str, battle: tuple[str, Mapping[str, Any]] | None = None, b: str = ""
    ) -> Response:
        """An answer: from the folder where one is given, with what a battle counts of its style."""
        found = None if self.answers is None else self._by_author.get(author)
        if self.answers is not None and found is None:
            raise DataError(f"{self.answers} holds no answers of '{author}'", "it needs a file for every model")
        answer = None if found is None else found.by_id.get(item)
        features = dict(answer.features) if answer is not None else {}
        if battle is not None and isinstance(counted := battle[1].get("conv_metadata"), dict):
            side = "b" if author == b else "a"
            features |= counts(counted, {n: column.format(side) for n, column in COUNTS.items()}, battle[0])
        return Response(() if answer is None else answer.turns, author, features=features)

    @cached_property
    def _by_author(self) -> dict[str, Answers]:
        folder = Path(str(self.answers))
        paths = sorted(folder.glob("*.jsonl*")) if folder.is_dir() else [folder]
        if not paths:
            raise DataError(f"{folder} holds no answer file", "it should hold MODEL.jsonl of each model")
        files = {path.name.split(".jsonl")[0]: answers_by_author(path) for path in paths}
        found = {author: answers for parts in files.values() for author, answers in parts.items() if author is not None}
        return found | {name: next(iter(parts.values())) for name, parts in files.items() if len(parts) == 1}


def _benchmark(where: str, row: Mapping[str, Any]) -> str:
    """The benchmark that a row is about: its category's, else the first one of what had no categories yet."""
    category = row.get("category")
    if category is None and ("winner" in row or row.get("question_id") is not None):
        return FIRST
    if not isinstance(category, str) or category not in CATEGORIES:
        says = "does not name its category" if category is None else f"is of category {category!r}"
        raise ConfigError(f"{where} {says}, by which its benchmark is known", "name the benchmark with --benchmark")
    return CATEGORIES[category][0]


def _game(game: Any, judge: str) -> tuple[Preference | Miss, tuple[Sample, ...]]:
    """The recorded label of a game, and the judge's text."""
    if not isinstance(game, dict):
        return Miss("read", "the game is missing"), ()
    said = game.get("judgment")
    text = said.get("answer") if isinstance(said, dict) else said
    samples = (Sample(judge, Completion(text=text)),) if isinstance(text, str) else ()
    score = game.get("score")
    found = preference(score) if isinstance(score, str) else None
    return (Miss("read", "no label is recorded") if found is None else found), samples


COMPONENT = ArenaHard
