"""Which pages a reader of one may want next."""

from collections.abc import Sequence

from osler.web.pages.models import Page

MOST = 4


def of_page(page: Page) -> Sequence[Page]:
    """Live pages that share a category with it, those that share most first.

    Then pages of the same folder; equals stand by date of the last check, newest first.
    """
    others = Page.objects.filter(is_live=True).exclude(pk=page.pk).defer("html", "text")
    own = {str(name).casefold() for name in page.categories}
    ranked = [
        (len(own & {str(name).casefold() for name in other.categories}), other) for other in others
    ]
    near = [
        (shared, other)
        for shared, other in sorted(ranked, key=lambda one: one[1].slug)
        if shared or other.folder_id == page.folder_id
    ]
    near.sort(key=lambda one: (one[0], one[1].changed), reverse=True)
    return [other for _, other in near[:MOST]]
