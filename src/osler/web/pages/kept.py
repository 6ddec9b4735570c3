"""What this part keeps about people: who wrote a page, which the page says itself."""

from osler.web.privacy.keeping import Kept

KEPT = (
    Kept(
        model="pages.Page",
        fields=("author",),
        what="The author that a page names",
        why="to tell readers who answers for it",
        basis="the author's agreement",
        period=lambda: None,
        until="the page names somebody else",
    ),
)
NOT_PERSONAL: dict[str, tuple[str, ...]] = {
    "pages.Folder": (
        *("slug", "path", "site_name", "site_language", "site_description"),
        *("checked_digest", "last_check", "published_digest"),
        *("allowed_digest", "allowed_reason"),
    ),
    "pages.Page": (
        *("slug", "file", "title", "description", "date", "reviewed", "next_review"),
        *("searched", "categories", "html", "text"),
    ),
    "pages.Version": ("digest", "title", "answers", "wording", "reason"),
    "pages.PublishedFile": ("path", "content_type", "digest", "content", "compressed"),
    "pages.OldAddress": ("old", "new"),
}
PERSON = None
