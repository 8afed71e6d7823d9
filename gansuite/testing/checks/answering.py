"""What a plugin's trained run can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from gansuite.domain import Arrays, Endpoint
from gansuite.export.asking import example_inputs
from gansuite.export.verifying import ALONE, ROWS, apart_alone, each_row
from gansuite.testing.hidden import hidden_draws
from gansuite.testing.promise import check, require
from gansuite.testing.subject import Subject, graph_of
from gansuite.training.answers import Answers


@check(
    "endpoints", "Every endpoint answers rows with as many, finite ones; what it draws comes from its inputs."
)
def _endpoints(subject: Subject) -> None:
    endpoints = subject.domain.endpoints()
    require(endpoints, "there are no endpoints")
    answers = Answers(subject.domain, subject.networks)
    for name, endpoint in endpoints.items():
        where = f"endpoint {name}"
        for key, spec in endpoint.inputs.items():
            batched = spec.shape.rank and spec.shape[0] is None
            require(batched, f"the leading axis of its input {key} is not None, the batch", where=where)
        drawn = hidden_draws(_graph(subject, endpoint))
        hint = "Draw from a seed among the inputs; see gansuite.noise."
        require(not drawn, f"draws from hidden state: {', '.join(sorted(drawn))}", where=where, hint=hint)
        inputs = _inputs(subject, name, endpoint)
        _check_answer(where, answers.call(name, inputs), len(next(iter(inputs.values()))))


def _graph(subject: Subject, endpoint: Endpoint) -> tf.Graph:
    names = list(endpoint.inputs)

    def answer(*values: tf.Tensor) -> Any:
        return dict(endpoint.function(subject.networks, **dict(zip(names, values, strict=True))))

    return graph_of(answer, *endpoint.inputs.values())


def _inputs(subject: Subject, name: str, endpoint: Endpoint) -> Arrays:
    preview = subject.domain.preview()
    if not endpoint.served and name == preview.endpoint:
        return {key: np.asarray(value)[:ROWS] for key, value in preview.inputs.items()}
    return example_inputs(name, endpoint, ROWS)


def _check_answer(where: str, answer: Arrays, rows: int) -> None:
    require(answer, "answers nothing", where=where)
    for output, value in answer.items():
        what = f"its output {output}"
        require(len(value) == rows, f"{what} has {len(value)} rows for {rows}", where=where)
        is_float = np.issubdtype(value.dtype, np.floating)
        require(
            not is_float or np.isfinite(value).all(), f"{what} has numbers that are not finite", where=where
        )


@check("rows", "No answer depends on what else is in the batch.")
def _rows(subject: Subject) -> None:
    answers = Answers(subject.domain, subject.networks)
    for name, endpoint in subject.domain.endpoints().items():
        whole = _inputs(subject, name, endpoint)
        together, *alone = (answers.call(name, inputs) for inputs in (whole, *each_row(whole)))
        for output, apart in apart_alone(together, alone).items():
            require(
                apart <= ALONE,
                f"a row of its output {output} is {apart:.3g} off where it is asked for alone",
                where=f"endpoint {name}",
                hint="A server puts requests together: call networks with training=False, mix no rows.",
            )


@check("scores", "Every figure of quality has a name, a meaning of one line and a number.")
def _scores(subject: Subject) -> None:
    from gansuite.metrics.evaluation import DomainEvaluation, judged

    answers = Answers(subject.domain, subject.networks)
    scores = judged(DomainEvaluation(domain=subject.domain, answers=answers, count=2 * ROWS, seed=0))
    names = [one.name for one in scores]
    require(names, "there are no scores")
    require(len(set(names)) == len(names), f"two scores have one name: {', '.join(names)}")
    for one in scores:
        where = f"score {one.name!r}"
        require(one.name.strip() and one.meaning.strip(), "lacks a name or a meaning", where=where)
        require("\n" not in one.name + one.meaning, "its name and meaning are one line each", where=where)
        require(one.better in (None, "lower", "higher", "closer"), f"better is {one.better!r}", where=where)
        has_reference = one.better != "closer" or one.reference is not None
        require(has_reference, "is better the closer it is to a reference it does not have", where=where)
    _check_numbers([one.value for one in scores])


def _check_numbers(values: Sequence[float]) -> None:
    require(not any(np.isinf(values)), f"a score is infinite: {values}")
    require(not all(np.isnan(values)), "no score is a number")


ANSWERING = (_endpoints, _rows, _scores)
