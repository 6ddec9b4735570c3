"""What this part keeps about people: who decided what."""

from osler.web.privacy.keeping import Kept

KEPT = (
    Kept(
        model="screening.AddedRows",
        fields=("text",),
        what="Decisions of staff on records of published research: user name, time, verdict, note",
        why="so that a review can show who decided what, and when",
        basis="legitimate interests",
        period=lambda: None,
        until="the review is taken off the site",
    ),
    Kept(
        model="screening.StoredFile",
        fields=("content", "met"),
        what="The records of a review with the names of published authors, and decisions of staff",
        why="to screen the records of a review as a team",
        basis="legitimate interests",
        period=lambda: None,
        until="the review is taken off the site",
    ),
)
NOT_PERSONAL = {
    "screening.StoredFile": ("name",),
    "screening.TeamReview": ("token",),
}
PERSON = None
