"""What is written to the writer of a comment. Nothing that a visitor typed is ever in it.

Anybody can give anybody's address; with the name or the text in the mail the form would send
advertising for whoever fills it in.
"""

import logging
import smtplib

from django.core.mail import send_mail

from osler.web.comments.models import Comment

_log = logging.getLogger(__name__)

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


def mail_confirmation(comment: Comment, *, link: str, hours: int) -> bool:
    """Sends the link to confirm, edit and withdraw; whether the mail was taken."""
    text = _CONFIRM.format(
        page=comment.page.title, link=link, hours=hours, clinic=comment.clinic.name
    )
    try:
        return bool(send_mail("Please confirm your comment", text, None, [comment.email]))
    except (smtplib.SMTPException, OSError) as error:
        # The kind alone: a mail server's words may hold the address.
        _log.error("comment %s: no confirmation sent (%s)", comment.pk, type(error).__name__)
        return False
