"""Batch inference: files of JSON Lines in, files of JSON Lines out, in blocks of lines."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.ranking import top
from engine.ground.threads import blocks
from personalize_server.answers.exploration import Exploration, explored
from personalize_server.answers.inference import Inference
from personalize_server.answers.ranking import ranked, ranking_scores
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.jobs.batch_lines import Question, answer_line, error_line, parse_line

_LINES = 8192
_BLOCK = 512
_DIGITS = 7


@dataclass(frozen=True)
class Batch:
    """What one job asks of a model."""

    inference: Inference
    results: int
    filter_: Filter | None = None
    exploration: Exploration | None = None
    influence: Mapping[str, float] = field(default_factory=dict)
    """rankingInfluence"""
    seed: str = ""
    """of what is explored"""

    def lines(self, questions: Sequence[Question]) -> list[str]:
        """One line for each question, in their order."""
        answers = [error_line(question, question.problem or "") for question in questions]
        good = [at for at, question in enumerate(questions) if question.problem is None]
        good.sort(key=lambda at: questions[at].parameters)
        for _, group in groupby(good, key=lambda at: questions[at].parameters):
            places = list(group)
            for at, line in zip(places, self._answered([questions[at] for at in places]), strict=True):
                answers[at] = line
        return answers

    def _answered(self, questions: Sequence[Question]) -> list[str]:
        """Of questions with the same filter parameters."""
        try:
            if self.filter_:
                self.inference.filters.check(self.filter_, questions[0].parameters)
            if self.inference.recipe.type == "PERSONALIZED_RANKING":
                return [self._ranked(question) for question in questions]
            items, scores = self._best(questions)
        except FilterError as problem:
            return [error_line(question, f"User error: {problem}") for question in questions]
        names = [self.inference.names(row) for row in items.tolist()]
        lengths = (scores > -np.inf).sum(axis=1).tolist()
        values = np.round(scores.astype(np.float64), _DIGITS).tolist()
        scored = self.inference.recipe.scores
        return [
            answer_line(question, row[:length], score[:length] if scored else None)
            for question, row, score, length in zip(questions, names, values, lengths, strict=True)
        ]

    def _best(self, questions: Sequence[Question]) -> tuple[Codes, Floats]:
        ranks = self.inference.ranks

        def work(start: int, stop: int) -> tuple[Codes, Floats]:
            scores = self._scores(questions[start:stop])
            if self.exploration is None:
                return top(scores, self.results, ranks)
            lists = [
                explored(
                    self.exploration,
                    row,
                    self.results,
                    random.Random(f"{self.seed} {question.user_id}"),
                    ranks,
                )
                for row, question in zip(scores, questions[start:stop], strict=True)
            ]
            return np.stack([items for items, _ in lists]), np.stack([values for _, values in lists])

        parts = list(blocks(work, len(questions), size=_BLOCK))
        return np.concatenate([items for items, _ in parts]), np.concatenate([part for _, part in parts])

    def _scores(self, questions: Sequence[Question]) -> Floats:
        rows = self.inference.rows([question.user_id for question in questions])
        if self.inference.recipe.type == "RELATED_ITEMS":
            return self._alike(questions, rows)
        contexts = [question.context for question in questions]
        given = contexts if any(contexts) else ()
        if self.exploration is None:
            scores = self.inference.of_users(rows, contexts=given)
        else:
            known, scale = self.inference.of_users_scaled(rows, contexts=given)
            scores = np.hstack([known, self.inference.of_newcomers(rows, scale)])
        if self.filter_:
            self.inference.filters.apply(scores, self.filter_, questions[0].parameters, rows)
        return scores

    def _alike(self, questions: Sequence[Question], users: Codes) -> Floats:
        names = [question.item_id for question in questions]
        scores = self.inference.of_items(names, self.influence)
        if self.filter_:
            parameters = questions[0].parameters
            for row, item in enumerate(self.inference.codes(names)):
                at = slice(row, row + 1)
                self.inference.filters.apply(scores[at], self.filter_, parameters, users[at], item=item)
        return scores

    def _ranked(self, question: Question) -> str:
        rows = self.inference.rows([question.user_id])
        scores = ranking_scores(self.inference, self.inference.of_users(rows))
        if self.filter_:
            self.inference.filters.apply(scores, self.filter_, question.parameters, rows)
        return answer_line(question, *ranked(self.inference, scores[0], question.items))


def infer_file(batch: Batch, lines: Iterable[bytes], target: Path) -> int:
    """Writes the output of one input file; the number of lines."""
    kind = batch.inference.recipe.type
    done = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        for questions in _chunks(parse_line(line, kind) for line in lines):
            file.writelines(batch.lines(questions))
            done += len(questions)
    return done


def _chunks(questions: Iterator[Question]) -> Iterator[list[Question]]:
    while chunk := list(islice(questions, _LINES)):
        yield chunk
