"""What the privacy page says of logins is so."""

from axes.models import AccessFailureLog, AccessLog

from osler.web.accounts.models import User


def test_the_logs_that_are_said_to_be_empty_stay_empty(client, db):
    User.objects.create_user("jo", password="correct horse battery")
    for password in ("wrong", "correct horse battery"):
        client.post("/staff/login/", {"username": "jo", "password": password})
    client.post("/staff/logout/")
    assert not AccessLog.objects.exists() and not AccessFailureLog.objects.exists()
