"""A network as a page shows it: an estimate for each option, and whether they may be ranked."""

from collections.abc import Mapping
from dataclasses import dataclass

from osler.certainty.model import Evidence, Finding
from osler.certainty.network.grading import direct_finding, network_findings
from osler.certainty.network.ground import Ground, ground_of
from osler.review.model import Outcome, Review
from osler.synthesis.network.of_review import TreatmentSays
from osler.synthesis.network.ranking import Ranking, rank


@dataclass(frozen=True, slots=True)
class GradedNetwork:
    """All treatments for one outcome, with what each may be said to do and how surely.

    Attributes
    ----------
    ground : Ground
    findings : mapping of str to Finding
        By treatment of the options: the network's estimate against its comparator, where one may
        be told.
    direct : mapping of str to Finding
        Trials of the same two alone, where the network was told too.
    ranking : Ranking or None
        Only where all options connect, nothing speaks against comparing them, or a person found
        that what does is no reason not to.
    why_no_ranking : str
        In words for patients; empty where there is a ranking.
    """

    ground: Ground
    findings: Mapping[str, Finding]
    direct: Mapping[str, Finding]
    ranking: Ranking | None
    why_no_ranking: str

    @property
    def says(self) -> tuple[TreatmentSays, ...]:
        """What the network says of each option before anything is graded."""
        return self.ground.network.says

    def shown(self, treatment: str) -> Finding | None:
        """Of the network's estimate and the trials of the two alone the more certain.

        The network's where both are equally certain, since more trials stand behind it [1]_.

        References
        ----------
        .. [1] Brignardello-Petersen et al. (2018). J Clin Epidemiol 93, 36-44.
           doi:10.1016/j.jclinepi.2017.10.005
        """
        whole, alone = self.findings.get(treatment), self.direct.get(treatment)
        if whole is None or alone is None:
            return whole
        return alone if alone.certainty.level > whole.certainty.level else whole


def graded_network(review: Review, outcome: Outcome, evidence: Evidence) -> GradedNetwork:
    """The network of one outcome, graded for every treatment of the options.

    Parameters
    ----------
    review : Review
    outcome : Outcome
    evidence : Evidence
        The pairwise findings of the review.
    """
    ground = ground_of(review, outcome)
    pairs = [
        (s.treatment, s.comparator)
        for s in ground.network.says
        if s.comparator and s.kind in ("network", "direct", "chain")
    ]
    found = network_findings(ground, evidence, pairs)
    direct = {pair: direct_finding(ground, *pair) for pair in found}
    ranking = _ranking(ground, len(found))
    return GradedNetwork(
        ground,
        {pair[0]: finding for pair, finding in found.items()},
        {pair[0]: finding for pair, finding in direct.items() if finding is not None},
        ranking,
        "" if ranking is not None else _why_not(ground),
    )


def _ranking(ground: Ground, told: int) -> Ranking | None:
    network, judged = ground.network, ground.judged
    if judged is None:
        return network.ranking
    whole = network.connects and told == len(network.says) > 0
    if judged.levels or not whole:
        return None
    return rank(network.parts[0].fit, better=ground.outcome.better, draws=0)


def _why_not(ground: Ground) -> str:
    network, judged = ground.network, ground.judged
    if ground.unfit:
        return f"The trials cannot be put together: {ground.unfit}."
    if judged is None or not judged.levels or not network.connects:
        return network.why_no_ranking
    because = judged.because.strip().rstrip(".")
    return (
        f"For {ground.outcome.label.lower()} trials link the treatments, but it is doubtful that "
        f"they can be set side by side: {because}. So no treatment is called the best."
    )
