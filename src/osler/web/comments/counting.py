"""How many comments came before: asked of the database in two statements, for each comment.

They are written out because composing them anew each time costs more than answering them. Both
SQLite and PostgreSQL take them.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from osler.web.comments.models import Comment, State, VisitorCount

_COMMENTS, _COUNTS = Comment._meta.db_table, VisitorCount._meta.db_table
_WAITING = f"""\
SELECT COUNT(*) FROM (
    SELECT 1 FROM {_COMMENTS} WHERE email = %s AND state = %s AND written_at > %s LIMIT %s
) AS waiting
"""
# One statement where Django would need two, and no moment between them.
_ONE_MORE = f"""\
INSERT INTO {_COUNTS} (visitor, hour, count) VALUES (%s, %s, 1)
ON CONFLICT (visitor, hour) DO UPDATE SET count = {_COUNTS}.count + 1 RETURNING count
"""


def waiting_under(email: str, *, since: datetime, most: int) -> int:
    """How many comments under an address wait for their mail to be answered, up to ``most``."""
    return _asked(_WAITING, email, State.UNCONFIRMED.value, _told(since), most)


def one_more_of(visitor: str, now: datetime) -> int:
    """How many came from a visitor in this hour, with the new one; called in a transaction.

    "edits of 12" counts what is done by the link of comment 12 in the same way.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    return _asked(_ONE_MORE, visitor, _told(hour))


def _told(moment: datetime) -> Any:
    """As the database keeps it."""
    return connection.ops.adapt_datetimefield_value(moment)


def _asked(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])
