"""What is written to the writer of a comment. Nothing that a visitor typed is ever in it.

Anybody can give anybody's address; with the name or the text in the mail the form would send
advertising for whoever fills it in.
"""

from django.core.mail import EmailMessage

from osler.web.comments.models import Comment

_CONFIRM = """\
Somebody, probably you, wrote a comment on the page

    {page}

and gave this e-mail address. To confirm that it was you, open this page and press
"Confirm":

    {link}

Without that nobody sees the comment, and it is deleted after {hours} hours. On the same page
you can change or withdraw your comment later: keep this e-mail for as long as you may want to.

If it was not you, do nothing.

{clinic}
"""


def confirmation(comment: Comment, *, link: str, hours: int) -> EmailMessage:
    """The mail with the link to confirm, edit and withdraw."""
    text = _CONFIRM.format(
        page=comment.page.title, link=link, hours=hours, clinic=comment.clinic.name
    )
    return EmailMessage("Please confirm your comment", text, None, [comment.email])
