"""What a row of each table says, as a value of the review."""

from typing import cast

from osler.core.tables import Row
from osler.review.model import (
    Arm,
    Bias,
    BiasJudgement,
    Contrast,
    Episode,
    Fact,
    Mechanism,
    PublishedResult,
    Result,
    Score,
    Study,
)


def study_of(row: Row) -> Study:
    return Study(
        id=row.text("id"),
        label=row.text("label"),
        year=row.count("year"),
        title=row.text("title"),
        design=row.text("design"),
        population=row.text("population"),
        randomised=row.count("randomised"),
        reference=row.text("reference"),
        source=row.text("source"),
        included=row.truth("included"),
        reason=row.text("reason"),
        notes=row.text("notes"),
        place=row.place("id"),
        doi=row.text("doi"),
        pmid=row.text("pmid"),
        registration=row.text("registration"),
    )


def arm_of(row: Row) -> Arm:
    return Arm(
        study=row.text("study"),
        arm=row.text("arm"),
        treatment=row.text("treatment"),
        detail=row.text("detail"),
        n=row.count("n"),
        place=row.place("treatment"),
    )


def result_of(row: Row) -> Result:
    return Result(
        study=row.text("study"),
        arm=row.text("arm"),
        outcome=row.text("outcome"),
        instrument=row.text("instrument"),
        weeks=row.number("weeks"),
        value=row.text("value"),
        events=row.count("events"),
        n=row.count("n"),
        mean=row.number("mean"),
        sd=row.number("sd"),
        se=row.number("se"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        source=row.text("source"),
        where=row.text("where"),
        notes=row.text("notes"),
        place=row.place("events" if row.count("events") is not None else "mean"),
    )


def contrast_of(row: Row) -> Contrast:
    return Contrast(
        study=row.text("study"),
        arm=row.text("arm"),
        comparator_arm=row.text("comparator_arm"),
        outcome=row.text("outcome"),
        instrument=row.text("instrument"),
        weeks=row.number("weeks"),
        measure=row.text("measure"),
        estimate=row.number("estimate"),
        se=row.number("se"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        p_value=row.text("p_value"),
        adjusted=row.truth("adjusted"),
        n=row.count("n"),
        source=row.text("source"),
        where=row.text("where"),
        notes=row.text("notes"),
        place=row.place("estimate"),
    )


def bias_of(row: Row) -> Bias:
    return Bias(
        study=row.text("study"),
        domain=row.text("domain"),
        judgement=cast(BiasJudgement, row.text("judgement")),
        basis=row.text("basis"),
        source=row.text("source"),
        place=row.place("judgement"),
    )


def fact_of(row: Row) -> Fact:
    return Fact(
        id=row.text("id"),
        statement=row.text("statement"),
        value=row.number("value"),
        low=row.number("low"),
        high=row.number("high"),
        unit=row.text("unit"),
        population=row.text("population"),
        reference=row.text("reference"),
        source=row.text("source"),
        notes=row.text("notes"),
        place=row.place("id"),
    )


def mechanism_of(row: Row) -> Mechanism:
    return Mechanism(
        mechanism=row.text("mechanism"),
        claim=row.text("claim"),
        citation=row.text("citation"),
        year=row.count("year"),
        doi=row.text("doi"),
        species=row.text("species"),
        model=row.text("model"),
        direction=row.text("direction"),
        evidence_level=row.text("evidence_level"),
        source=row.text("source"),
        place=row.place("mechanism"),
        pmid=row.text("pmid"),
    )


def episode_of(row: Row) -> Episode:
    return Episode(
        id=row.text("id"),
        started=row.text("started"),
        condition=row.text("condition"),
        treatment=row.text("treatment"),
        sessions=row.count("sessions"),
        measure=row.text("measure"),
        baseline=row.number("baseline"),
        last=row.number("last"),
        recovered={"yes": True, "no": False}.get(row.text("recovered")),
        ended=row.text("ended"),
        place=row.place("id"),
        unwanted=row.text("unwanted").replace("unknown", ""),
    )


def score_of(row: Row) -> Score:
    return Score(
        episode=row.text("id"),
        measure=row.text("measure"),
        session=row.count("session") or 0,
        score=row.number("score"),
        place=row.place("id"),
    )


def published_of(row: Row) -> PublishedResult:
    return PublishedResult(
        review=row.text("review"),
        citation=row.text("citation"),
        doi=row.text("doi"),
        pmid=row.text("pmid"),
        comparison=row.text("comparison"),
        outcome=row.text("outcome"),
        measure=row.text("measure"),
        trials=row.count("trials"),
        participants=row.count("participants"),
        estimate=row.number("estimate"),
        ci_lower=row.number("ci_lower"),
        ci_upper=row.number("ci_upper"),
        certainty=row.text("certainty"),
        conclusion=row.text("conclusion"),
        scope=row.text("scope"),
        source=row.text("source"),
        notes=row.text("notes"),
        place=row.place("review"),
    )
