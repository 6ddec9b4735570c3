"""The certificate of stopping: what was promised, on which decisions, and whether it still holds.

    decisions, library --certify--> Certificate --as_toml--> text in the review folder
    text --read_certificate--> Certificate --verify(decisions, library)--> findings

A certificate is no proof of its own: it names the rows of ``decisions.csv`` that it rests on by
number and digest, and verifying computes everything again from those rows.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.records.model import Decision, Stage
from osler.records.screening.auditing import audit
from osler.records.screening.progress import found_in_order
from osler.records.screening.standing import relevant
from osler.records.screening.stopping import RISK, TARGET, Risk, recall_so_far, risk_of_missing

VERSION = 1


@dataclass(frozen=True, slots=True)
class Certificate:
    """What may be said about recall on a certain day.

    Attributes
    ----------
    issued : str
        Day, ISO 8601.
    stage : str
    target, allowed, lift : float
        See :class:`~osler.records.screening.stopping.Risk`.
    reached : bool
        Whether the rule permits to stop.
    total, screened, relevant, run : int
    chance, threshold : float
    recall, recall_lower : float
        Estimate, and bound with the error ``allowed``.
    rows : int
        The first so many decisions are what it rests on.
    digest : str
        SHA-256 over those rows and the keys of the library.
    audit_seed, audit_pool, audit_sampled, audit_found : int
        The random sample of the unread, where one was read; 0 where not.
    audit_recall : float
        Least recall by the sample alone, without any assumption; 0 where there is none.
    """

    issued: str
    stage: str
    target: float
    allowed: float
    lift: float
    reached: bool
    total: int
    screened: int
    relevant: int
    run: int
    chance: float
    threshold: float
    recall: float
    recall_lower: float
    rows: int
    digest: str
    audit_seed: int = 0
    audit_pool: int = 0
    audit_sampled: int = 0
    audit_found: int = 0
    audit_recall: float = 0.0

    def as_toml(self) -> str:
        """The text for the review folder; the same certificate gives the same bytes."""
        lines = ["# Written by Osler; verified against decisions.csv, so change nothing here."]
        lines.append(f"version = {VERSION}")
        # TOML and JSON write text, numbers and truth values alike.
        lines += [f"{name} = {json.dumps(value)}" for name, value in asdict(self).items()]
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        """One line for the screen and the report.

        Examples
        --------
        >>> print(_EXAMPLE)
        95 % recall reached with at most 5 % risk (940 of 1,000 records read, 40 relevant)
        """
        words = f"{100 * self.target:g} % recall"
        risk = f"{100 * self.allowed:g} % risk"
        told = f"{words} reached with at most {risk}" if self.reached else f"{words} not shown yet"
        if self.screened == self.total:
            told = "every record was screened"
        read = f"{self.screened:,} of {self.total:,} records read, {self.relevant:,} relevant"
        return f"{told} ({read})"


_EXAMPLE = Certificate(
    *("2026-01-05", "title-abstract", 0.95, 0.05, 1.0, True, 1000, 940, 40, 900),
    *(0.0, 0.03, 1.0, 1.0, 940, ""),
)


def certify(
    decisions: Sequence[Decision],
    records: Iterable[str],
    *,
    today: str,
    stage: Stage = Stage.TITLE_ABSTRACT,
    target: float = TARGET,
    allowed: float = RISK,
    lift: float = 1.0,
) -> Certificate:
    """What may be said now; also where the rule does not permit to stop yet.

    Examples
    --------
    >>> from osler.records.model import Verdict
    >>> keys = [f"r{i}" for i in range(200)]
    >>> told = [Decision(key, Stage.TITLE_ABSTRACT, Verdict.INCLUDE if i < 30 else Verdict.EXCLUDE,
    ...                  "one", "2026-01-05T10:00:00Z") for i, key in enumerate(keys[:190])]
    >>> certificate = certify(told, keys, today="2026-01-05")
    >>> certificate.reached, verify(certificate, told, keys)
    (True, ())
    """
    keys = tuple(dict.fromkeys(records))
    found = found_in_order(decisions, stage, keys)
    risk = risk_of_missing(found, len(keys), target=target, allowed=allowed, lift=lift)
    recall = recall_so_far(found, len(keys), level=1 - allowed, lift=lift)
    return Certificate(
        **_of(risk),
        issued=today,
        stage=stage.value,
        recall=round(recall.estimate, 6),
        recall_lower=round(recall.ci_lower, 6),
        rows=len(decisions),
        digest=_digest(decisions, keys),
    )


def _of(risk: Risk) -> dict[str, Any]:
    return {
        "target": float(risk.target),
        "allowed": float(risk.allowed),
        "lift": float(risk.lift),
        "reached": risk.reached,
        "total": risk.total,
        "screened": risk.screened,
        "relevant": risk.relevant,
        "run": risk.run,
        # Rounded, so that another machine's last digit is no finding.
        "chance": float(f"{risk.chance:.6g}"),
        "threshold": float(f"{risk.threshold:.6g}"),
    }


def with_audit(
    certificate: Certificate,
    sampled: Sequence[str],
    decisions: Sequence[Decision],
    *,
    pool: int,
    seed: int,
) -> Certificate:
    """The certificate with what a random sample of the unread showed.

    ``decisions`` holds the answers to the sample, ``pool`` is how many were unread when it was
    drawn. Finds of the sample are not among the certificate's own relevant records.

    Raises
    ------
    DataError
        Where a record of the sample was not decided (REC056): half a sample is none.
    """
    answers = relevant(decisions, Stage(certificate.stage))
    open_ones = [key for key in sampled if key not in answers]
    if open_ones:
        raise DataError(_half_a_sample(open_ones, len(sampled)))
    told = audit(
        pool, len(sampled), sum(answers[key] for key in sampled), level=_level(certificate)
    )
    return replace(
        certificate,
        audit_seed=seed,
        audit_pool=pool,
        audit_sampled=told.sampled,
        audit_found=told.found,
        audit_recall=round(told.recall(certificate.relevant), 6),
    )


def read_certificate(text: str, file: str = "") -> Certificate:
    """A certificate from its text.

    Raises
    ------
    DataError
        Where the text is not one (REC057).

    Examples
    --------
    >>> read_certificate(_EXAMPLE.as_toml()) == _EXAMPLE
    True
    """
    try:
        table = tomllib.loads(text)
        if table.pop("version", None) != VERSION:
            raise ValueError(f"version is not {VERSION}")
        kinds = {field.name: field.type for field in fields(Certificate)}
        if table.keys() != kinds.keys():
            raise ValueError(f"not as expected: {', '.join(sorted(table.keys() ^ kinds.keys()))}")
        for name, value in table.items():
            if type(value) is not kinds[name]:
                raise ValueError(f"{name} = {value!r}")
        return Certificate(**table)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise DataError(_no_certificate(file, " ".join(str(error).split()))) from None


def verify(
    certificate: Certificate,
    decisions: Sequence[Decision],
    records: Iterable[str],
    file: str = "",
) -> tuple[Diagnostic, ...]:
    """What does not hold: the certificate against the decisions that it names.

    REC058 where its rows or numbers are not those of the folder, REC059 where they are and
    something came after: relevant records found since, decisions changed, or new records.
    """
    keys = tuple(dict.fromkeys(records))
    rows = decisions[: certificate.rows]
    place = Place(file)
    try:
        again = certify(
            rows,
            keys,
            today=certificate.issued,
            stage=Stage(certificate.stage),
            target=certificate.target,
            allowed=certificate.allowed,
            lift=certificate.lift,
        )
        told = _audit_again(certificate)
    except (DataError, ValueError) as error:
        return (_does_not_hold(place, " ".join(str(error).split())),)
    again = replace(again, **told)
    wrong = [
        f"{name} is {value!r} there and {asdict(again)[name]!r} now"
        for name, value in asdict(certificate).items()
        if value != asdict(again)[name]
    ]
    if certificate.digest != again.digest and certificate.total == len(keys):
        return (_does_not_hold(place, "the decisions it rests on are not those of the folder"),)
    if certificate.total != len(keys):
        return (_overtaken(place, f"{certificate.total} records then, {len(keys)} now"),)
    if wrong:
        return (_does_not_hold(place, "; ".join(wrong)),)
    before = relevant(rows, Stage(certificate.stage))
    after = relevant(decisions, Stage(certificate.stage))
    sample = certificate.audit_found
    new = [key for key, label in after.items() if label and not before.get(key, False)]
    if len(new) > sample:
        return (_overtaken(place, f"{len(new)} relevant records since, {new[0]} among them"),)
    return ()


def _audit_again(certificate: Certificate) -> dict[str, Any]:
    if not certificate.audit_sampled:
        return {name: getattr(certificate, name) for name in ("audit_seed", "audit_pool")}
    told = audit(
        certificate.audit_pool,
        certificate.audit_sampled,
        certificate.audit_found,
        level=_level(certificate),
    )
    return {
        "audit_seed": certificate.audit_seed,
        "audit_pool": told.pool,
        "audit_sampled": told.sampled,
        "audit_found": told.found,
        "audit_recall": round(told.recall(certificate.relevant), 6),
    }


def _level(certificate: Certificate) -> float:
    return 1 - certificate.allowed


def _digest(decisions: Sequence[Decision], keys: Sequence[str]) -> str:
    """Of rows and library; a row is its fields as JSON, so that no separator can be faked."""
    hashed = hashlib.sha256(json.dumps(sorted(keys)).encode())
    for decision in decisions:
        row = [decision.record, decision.stage, decision.verdict, decision.who, decision.when]
        hashed.update(b"\n" + json.dumps([*row, decision.role]).encode())
    return hashed.hexdigest()


def _half_a_sample(open_ones: Sequence[str], size: int) -> Diagnostic:
    return Diagnostic(
        "REC056",
        Severity.ERROR,
        Place(""),
        "an audit sample is not finished",
        f"{len(open_ones)} of {size} records have no decision, {open_ones[0]} among them",
        "no bound is told: the ones left out may be those that matter",
        "screen the rest of the sample",
    )


def _no_certificate(file: str, found: str) -> Diagnostic:
    return Diagnostic(
        "REC057",
        Severity.ERROR,
        Place(file),
        "this is not a certificate of stopping",
        found,
        "nothing can be verified",
        "make it again from the decisions; it is not meant to be edited",
    )


def _does_not_hold(place: Place, found: str) -> Diagnostic:
    return Diagnostic(
        "REC058",
        Severity.ERROR,
        place,
        "a certificate of stopping does not agree with the decisions",
        found,
        "its statement on recall must not be used",
        "restore decisions.csv, or make the certificate again",
    )


def _overtaken(place: Place, found: str) -> Diagnostic:
    return Diagnostic(
        "REC059",
        Severity.WARNING,
        place,
        "a certificate of stopping is out of date",
        found,
        "its statement on recall is true of the day it was made, not of today",
        "go on screening and make the certificate again",
    )
