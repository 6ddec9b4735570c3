"""The classifier: what it ships with, how it learns, what it does with anything."""

import json
import uuid
from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from osler.core.diagnostics import DataError
from osler.web.comments import moderation
from osler.web.comments.judging import model_of
from osler.web.comments.learning import learn_from_decisions
from osler.web.comments.models import Comment, LearntModel, State
from osler.web.comments.spam.features import PLACES, hashed, tokens_of
from osler.web.comments.spam.model import (
    SpamModel,
    parse_model,
    score,
    starting_model,
    write_model,
)
from osler.web.comments.spam.training import Labelled, figures_of, learn, train
from tests.web.comments.conftest import NOW
from validation import spam as validation


def rows(n, kind):
    """Texts of two kinds of words, none the same as another."""
    words = {True: "pills cheap bonus winner order", False: "knee leg walk pain week"}[kind].split()
    spread = np.random.default_rng(7 + kind)
    return [
        Labelled(
            " ".join([*spread.choice(words, 6), f"w{chr(97 + i % 26)}{chr(97 + i // 26)}"]), kind
        )
        for i in range(n)
    ]


SEEN = [*rows(40, True), *rows(60, False)]


@cache
def trained():
    """Learning takes a moment: most tests share this one."""
    return train(SEEN, {"made_from": "é"})


def test_the_starting_model_says_where_it_comes_from():
    about = starting_model().about
    assert "SMS Spam Collection" in about["made_from"]
    assert all("caught" in told for told in about["held_out"].values())


def test_the_starting_model_holds_few_honest_comments_and_catches_most_spam():
    """On comments of our own that it was not trained on; few, so the bounds are wide."""
    _, unseen = validation.split(validation.own_comments())
    figures = figures_of(starting_model(), unseen)
    assert figures.false_holds == 0
    assert figures.caught / figures.spam > 0.8


def test_training_gives_the_same_bytes_each_time():
    assert write_model(train(SEEN, {"made_from": "é"})) == write_model(trained())


def test_a_model_reads_back_as_it_was_written():
    model = trained()
    assert parse_model(write_model(model)) == model


def test_a_score_is_the_sum_that_scikit_learn_would_give():
    model = trained()
    reference = LogisticRegression()
    reference.classes_ = np.array([False, True])
    reference.coef_ = np.array([model.weights])
    reference.intercept_ = np.array([model.intercept])
    text = "order cheap knee pills WIN £1000 http://a.example"
    x = np.zeros((1, PLACES))
    for place, value in hashed(text).items():
        x[0, place] = value
    found = score(model, text)
    assert found.value == pytest.approx(reference.decision_function(x)[0], rel=1e-9)
    assert found.chance == pytest.approx(reference.predict_proba(x)[0, 1], rel=1e-9)


def test_learning_keeps_what_the_start_knew_and_adds_the_clinics_own():
    start = trained()
    own = [
        *(Labelled(f"moxa kettle {row.text[-3:]} offer", True) for row in rows(30, True)),
        *(Labelled(f"garden table {row.text[-3:]} offer", False) for row in rows(30, False)),
    ]
    learnt = learn(start, own, {})
    assert score(learnt, "moxa kettle").value > score(learnt, "garden table").value
    assert score(learnt, "cheap pills bonus").value > score(learnt, "knee pain week").value


def test_learning_from_nothing_known_is_scikit_learns_regression():
    """The regression with an offset, where the offset is nought."""
    nothing = SpamModel((0.0,) * PLACES, 0.0, 0.0, {})
    texts, labels = [r.text for r in SEEN], [r.is_spam for r in SEEN]
    places = sorted({place for text in texts for place in hashed(text)})
    rows_seen = [hashed(text) for text in texts]
    x = np.array([[row.get(place, 0.0) for place in places] for row in rows_seen])
    reference = LogisticRegression(C=10, class_weight="balanced", tol=1e-8, max_iter=1000)
    reference.fit(x, labels)
    learnt = learn(nothing, SEEN, {})
    scores = [score(learnt, text).value for text in texts]
    assert scores == pytest.approx(reference.decision_function(x), abs=0.01)


def test_too_few_to_learn_from_is_told():
    with pytest.raises(DataError) as told:
        train([*rows(19, True), *rows(50, False)], {})
    assert told.value.diagnostics[0].code == "WEB031"
    assert "19 comments marked as spam" in told.value.diagnostics[0].found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2}',
        "[" * 5000,
        json.dumps({"format": 1, "weights": [1], "intercept": 0, "threshold": 0, "about": {}}),
        json.dumps(
            {"format": 1, "weights": ["x"] * PLACES, "intercept": 0, "threshold": 0, "about": {}}
        ),
        write_model(starting_model()).replace('"intercept": ', '"intercept": NaN, "was": ', 1),
        # One that learnt from other features, before they were changed.
        write_model(starting_model()).replace('"format": 2', '"format": 1', 1),
    ],
)
def test_what_is_no_model_is_told(text):
    with pytest.raises(DataError) as told:
        parse_model(text)
    assert told.value.diagnostics[0].code == "WEB030"


@settings(max_examples=50)
@given(st.text(max_size=2000))
def test_any_text_has_a_score(text):
    found = score(starting_model(), text)
    assert 0 <= found.chance <= 1
    assert found == score(starting_model(), text)


def test_digits_are_told_by_their_number_alone():
    assert tokens_of("07911 123456") == tokens_of("07912 654321")


def test_the_classifier_learns_from_moderators(page, moderator):
    for n, row in enumerate([*rows(40, True), *rows(40, False)]):
        state = State.SPAM if row.is_spam else State.SHOWN
        comment = Comment.objects.create(
            clinic=page.clinic,
            page=page,
            name="x",
            text=row.text,
            state=State.HELD,
            written_at=NOW,
            changed_at=NOW + timedelta(seconds=n),
        )
        moderation.comments_decide(
            [comment.version],
            state,
            clinic=page.clinic,
            user=moderator,
            batch=uuid.uuid4(),
            now=NOW,
        )
    spam = "cheap pills winner"
    assert not score(model_of(page.clinic.pk), spam).is_spam
    told = learn_from_decisions(page.clinic, now=NOW, keep=True)
    assert told.is_kept
    assert told.after.caught > told.before.caught
    assert score(model_of(page.clinic.pk), spam).is_spam
    assert "80 decisions" in LearntModel.objects.get().model
    assert not learn_from_decisions(page.clinic, now=NOW, keep=False).is_kept


@pytest.mark.django_db
def test_a_clinic_without_decisions_keeps_the_starting_model(clinic):
    with pytest.raises(DataError):
        learn_from_decisions(clinic, now=NOW, keep=True)
    LearntModel.objects.create(clinic=clinic, at=NOW, model="damaged")
    assert model_of(clinic.pk) is starting_model()


def test_the_validation_splits_by_text_alone():
    messages = [*rows(40, True), *rows(40, False), *rows(40, True)]
    seen, unseen = validation.split(messages)
    again = validation.split(list(reversed(messages)))
    assert len(seen) + len(unseen) == 80, "repeats are counted once"
    assert {r.text for r in seen} == {r.text for r in again[0]}


def test_the_validation_reads_both_forms(tmp_path, capsys):
    assert validation.read_messages("ham\tone\nspam\ttwo\nnothing\n") == [
        Labelled("one", False),
        Labelled("two", True),
    ]
    read = validation.read_youtube('COMMENT_ID,CONTENT,CLASS\na,"x, y",1\nb,z,0\n')
    assert read == [Labelled("x, y", True), Labelled("z", False)]
    lines = [f"{'spam' if r.is_spam else 'ham'}\t{r.text}" for r in SEEN]
    (tmp_path / "set.tsv").write_text("\n".join(lines), encoding="utf-8")
    assert validation.main([str(tmp_path / "set.tsv"), "--write", str(tmp_path / "m.json")]) == 0
    assert "held out: caught" in capsys.readouterr().out
    assert parse_model((tmp_path / "m.json").read_text("utf-8")).about["see"]
