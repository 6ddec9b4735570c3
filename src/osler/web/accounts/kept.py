"""What this part keeps about people: staff, and who tried to log in."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

from osler.web.accounts.models import AuditEntry
from osler.web.privacy.keeping import Kept, delete

_TRIED = ("user_agent", "ip_address", "username", "http_accept", "path_info")
_TRAIL = timedelta(days=6 * 365)

KEPT = (
    Kept(
        model="accounts.User",
        fields=("username", "first_name", "last_name", "email", "password"),
        what="Staff: user name, name, and the password as a hash",
        why="to let staff log in, each as themselves",
        basis="the contract of work",
        period=lambda: None,
        until="an owner or whoever runs the server takes the account away",
    ),
    Kept(
        model="accounts.AuditEntry",
        fields=("action", "about", "details"),
        what="Staff: who changed what and when; readers and patients are named by a number only",
        why="to find out afterwards what happened",
        basis="legitimate interests",
        period=lambda: _TRAIL,
        counted_from="the day of the change",
        due=lambda cutoff: AuditEntry.objects.filter(at__lt=cutoff),
        end=delete,
    ),
    Kept(
        model="otp_totp.TOTPDevice",
        fields=("name", "key"),
        what="Staff: the key that is shared with the app for the second factor",
        why="to check the number that the app shows",
        basis="legitimate interests",
        period=lambda: None,
        until="the second factor or the account is taken away",
    ),
    Kept(
        model="otp_static.StaticToken",
        fields=("token",),
        what="Staff: recovery codes that were not used yet",
        why="to let somebody in whose phone is lost",
        basis="legitimate interests",
        period=lambda: None,
        until="it is used, or new ones are made",
    ),
    Kept(
        model="sessions.Session",
        fields=("session_key", "session_data"),
        what="Staff: that somebody is logged in",
        why="so that the password is not asked for with every click",
        basis="legitimate interests",
        period=lambda: timedelta(0),
        counted_from="twelve hours after the login",
        due=lambda cutoff: Session.objects.filter(expire_date__lt=cutoff),
        end=delete,
    ),
    Kept(
        model="axes.AccessAttempt",
        fields=(*_TRIED, "get_data", "post_data"),
        what=(
            "Wrong passwords: the user name that was typed and a hash of where from, which can "
            "be told from nobody the day after"
        ),
        why="to make whoever guesses passwords wait",
        basis="legitimate interests",
        period=lambda: timedelta(days=1),
        counted_from="the last attempt",
        due=lambda cutoff: AccessAttempt.objects.filter(attempt_time__lt=cutoff),
        end=delete,
    ),
)
NOT_PERSONAL: dict[str, tuple[str, ...]] = {
    "accounts.Clinic": ("slug", "name"),
    "accounts.Membership": ("role",),
    "accounts.DailySalt": ("day", "salt"),
    "otp_static.StaticDevice": ("name",),
    # The settings switch these two off, so nothing is ever written there.
    "axes.AccessLog": (*_TRIED, "session_hash"),
    "axes.AccessFailureLog": _TRIED,
    "contenttypes.ContentType": ("app_label", "model"),
    "auth.Permission": ("name", "codename"),
    "auth.Group": ("name",),
}
PERSON = None
