"""What ``osler site run`` says when it has started."""

import socket

import pytest

from osler.web.commands import running

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "clinic.example", "[::]"])
def test_a_site_that_others_reach_without_a_proxy_is_told_what_to_do(host, settings, capsys):
    settings.OSLER_PROXIES = 0
    running._introduce(host, 8000)
    said = capsys.readouterr().out
    assert f"Warning: {host} can be reached from other machines" in said
    assert "OSLER_PROXIES=1" in said


@pytest.mark.parametrize(
    ("host", "proxies"), [("127.0.0.1", 0), ("::1", 0), ("localhost", 0), ("0.0.0.0", 1)]
)
def test_behind_a_proxy_or_on_this_machine_nothing_is_said(host, proxies, settings, capsys):
    settings.OSLER_PROXIES = proxies
    running._introduce(host, 8000)
    assert "Warning" not in capsys.readouterr().out


def test_a_port_that_another_server_would_share_is_not_taken():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert "in use" in running._cannot_listen("127.0.0.1", port)
    assert running._cannot_listen("127.0.0.1", port) == ""
    assert running._cannot_listen("127.0.0.1", 0) == ""
    assert running._cannot_listen("host.invalid", port) != ""
