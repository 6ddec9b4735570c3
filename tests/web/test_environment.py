"""Settings that cannot be used are told by name; nothing else is done in their place."""

import os
import subprocess
import sys

import pytest

from osler.core.diagnostics import DataError
from osler.web import environment


def told(monkeypatch, read, value, *more):
    monkeypatch.setenv("OSLER_ASKED", value)
    with pytest.raises(DataError) as raised:
        read("OSLER_ASKED", *more)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code == "WEB020" and diagnostic.place.field == "OSLER_ASKED"
    return f"{diagnostic.found}; {diagnostic.help}"


@pytest.mark.parametrize("value", ["five", "-1", "2.5", "٣", "1e3", ","])
def test_a_number_that_is_none(monkeypatch, value):
    assert "a whole number such as 5" in told(monkeypatch, environment.number, value, 5)


@pytest.mark.parametrize("value", ["6,x", "6;12", ","])
def test_a_list_of_numbers_that_is_none(monkeypatch, value):
    assert repr(value) in told(monkeypatch, environment.numbers, value, "6")


@pytest.mark.parametrize("value", ["Required", "requierd", "yes"])
def test_a_choice_that_does_not_exist(monkeypatch, value):
    said = told(monkeypatch, environment.choice, value, "required", "offered")
    assert "offered or required" in said


def test_phrases_in_which_there_is_nothing_to_look_for(monkeypatch):
    assert "'magnet*, !!'" in told(monkeypatch, environment.listed, "magnet*, !!")


@pytest.mark.parametrize(
    "value", ["clinic.example", "https://", "ftp://clinic.example", "http://[1"]
)
def test_a_public_address_that_no_browser_opens(monkeypatch, value):
    assert "https://clinic.example" in told(monkeypatch, environment.public_address, value)


@pytest.mark.parametrize(
    "value", ["mail.example:587", "https://mail.example", "smtp://", "smtp://a:secret@mail:port"]
)
def test_a_mail_server_that_is_not_understood_and_its_password_is_not_printed(monkeypatch, value):
    said = told(monkeypatch, environment.mail_server, value)
    assert "smtp://name:password@host" in said and "secret" not in said


@pytest.mark.parametrize("value", ["Oxford", "/etc/passwd", "../zones", "Europe/"])
def test_a_time_zone_that_does_not_exist(monkeypatch, value):
    assert repr(value) in told(monkeypatch, environment.time_zone, value, "Europe/London")


@pytest.mark.parametrize("value", ["site.sqlite3", "oracel://a:secret@b/c", "postgres://a:b@[c/d"])
def test_a_database_that_is_not_understood(monkeypatch, value):
    said = told(monkeypatch, environment.database, value, "sqlite://:memory:")
    assert "postgres://" in said and "secret" not in said


@pytest.mark.parametrize("given", ["OSLER_ONE", "OSLER_OTHER"])
def test_one_of_two_that_belong_together(monkeypatch, given):
    monkeypatch.setenv(given, "x")
    with pytest.raises(DataError, match="is ''") as raised:
        environment.together("OSLER_ONE", "OSLER_OTHER")
    (diagnostic,) = raised.value.diagnostics
    assert f"as well as {given}" in diagnostic.help and diagnostic.place.field != given


def test_what_is_empty_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("OSLER_ASKED", "")
    assert environment.number("OSLER_ASKED", 5) == 5
    assert environment.choice("OSLER_ASKED", "required", "offered") == "required"
    assert environment.listed("OSLER_ASKED") == ()
    assert environment.public_address("OSLER_ASKED") == ""
    assert environment.mail_server("OSLER_ASKED").scheme == ""
    assert environment.time_zone("OSLER_ASKED", "Europe/London") == "Europe/London"
    memory = environment.database("OSLER_ASKED", "sqlite://:memory:")
    assert memory["ENGINE"] == "django.db.backends.sqlite3"


def test_what_is_right_is_taken(monkeypatch):
    monkeypatch.setenv("OSLER_ASKED", " 6, 12 ,26 ")
    assert environment.numbers("OSLER_ASKED", "6") == (6, 12, 26)
    assert environment.listed("OSLER_ASKED") == ("6", "12", "26")
    monkeypatch.setenv("OSLER_ASKED", "https://clinic.example/")
    assert environment.public_address("OSLER_ASKED") == "https://clinic.example"
    monkeypatch.setenv("OSLER_ASKED", "smtps://a:b@mail.example:465")
    assert environment.mail_server("OSLER_ASKED").port == 465
    monkeypatch.setenv("OSLER_ASKED", "postgres://osler@%2Frun%2Fpostgresql/osler")
    assert environment.database("OSLER_ASKED", "")["HOST"] == "/run/postgresql"


def test_the_command_names_the_variable_and_does_not_start(tmp_path):
    command = "from osler.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "site", "check-deploy", "--data", str(tmp_path / "site")],
        env=os.environ | {"OSLER_TWO_FACTOR": "requierd", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "OSLER_TWO_FACTOR" in done.stderr and "WEB020" in done.stderr
    assert "Traceback" not in done.stderr
