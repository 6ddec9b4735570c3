"""The settings as they are in production, asked by Django's own deployment checks."""

import os
import subprocess
import sys

import pytest


def checked(tmp_path, **environment):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "check-deploy", "--data", str(tmp_path / "site")],
        env=os.environ | {"DATABASE_URL": ""} | environment,
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
