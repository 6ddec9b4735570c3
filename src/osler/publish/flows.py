"""The flow of records through a review, counted from what its folder holds."""

from osler.core.diagnostics import Diagnostic, in_order
from osler.records.ledger import Ledger, read_ledger
from osler.records.prisma.counting import count_flow
from osler.records.prisma.model import Flow
from osler.review.model import Review


def flow_of_review(review: Review) -> tuple[Ledger, Flow, tuple[Diagnostic, ...]]:
    """What a review's records say, the flow counted from them, and what is wrong with either."""
    ledger, found = read_ledger(review.records)
    flow, contradictions = count_flow(ledger)
    return ledger, flow, in_order([*found, *contradictions])
