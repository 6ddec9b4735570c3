"""The settings as they are in production, asked by Django's own deployment checks."""

import os
import subprocess
import sys

import pytest


def _own_environment():
    """Without what the browser tests of the same process need."""
    return {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}


def checked(tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "check-deploy", "--data", str(tmp_path / "site")],
        env=_own_environment() | {"DATABASE_URL": ""} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


COMMAND = "from osler.web.commands.site import site_command; site_command(prog_name='osler site')"


def test_the_deployment_check_is_clean_for_a_site_with_an_address(tmp_path):
    done = checked(tmp_path, OSLER_URL="https://clinic.example", OSLER_PROXIES="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues (0 silenced)" in done.stdout
    # The secret that it made is for nobody else on the machine.
    secret = tmp_path / "site" / "secret-key"
    assert secret.stat().st_mode & 0o077 == 0 and len(secret.read_text()) > 60
    assert (tmp_path / "site").stat().st_mode & 0o077 == 0


def test_without_https_it_says_what_is_missing(tmp_path):
    done = checked(tmp_path, OSLER_URL="")
    assert done.returncode == 1 and "OSLER_URL" in done.stdout and "security.W" in done.stdout


@pytest.mark.parametrize("path", ["/search/", "/contact/", "/staff/login/", "/nothing/"])
def test_every_answer_has_its_headers_and_no_script_or_style_of_its_own(client, db, path):
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    body = response.text
    assert "<style" not in body and " style=" not in body and "<script" not in body
    assert "onclick" not in body and "http://" not in body.replace("http://www.w3.org", "")


@pytest.mark.parametrize("path", ["/search/", "/contact/", "/nothing/", "/"])
def test_a_visitor_gets_no_cookie(client, db, path):
    assert not client.get(path).cookies


def told(tmp_path, expression, **environment):
    code = f"from osler.web import settings; print({expression})"
    keep = {k: v for k, v in os.environ.items() if not k.startswith("OSLER_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=keep | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_no_secret_is_known_to_everybody(tmp_path):
    first, second = (told(tmp_path, "settings.SECRET_KEY") for _ in range(2))
    assert len(first) > 60 and first != second


def test_a_watchdog_on_this_machine_is_answered_also_where_all_else_is_https(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert client.get("/healthz", HTTP_HOST="127.0.0.1").status_code == 200
    assert client.get("/search/", HTTP_HOST="127.0.0.1").status_code == 301


def test_this_machine_is_a_host_beside_those_that_are_named(tmp_path):
    hosts = told(tmp_path, "settings.ALLOWED_HOSTS", OSLER_HOSTS=" a.example, b.example,")
    assert hosts == "['127.0.0.1', 'localhost', '[::1]', 'a.example', 'b.example']"


def test_without_its_proxy_it_says_what_is_missing(tmp_path):
    done = checked(tmp_path, OSLER_URL="https://clinic.example", OSLER_PROXIES="0")
    assert done.returncode == 1 and "OSLER_PROXIES" in done.stdout
