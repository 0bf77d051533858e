"""Mail: into a folder, and to a real server on the loopback that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import socketserver
import stat
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.integrations.canned import StandingClock

from perseat.integrations.smtp.mailers import FolderMailer, SmtpMailer, SmtpServer
from perseat.ports.failures import Refused, Unanswered

SENDER = "billing@provider.example"


class KeepingServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as a delivery needs. Addresses that begin with `no-` are refused, `later-` put off."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.kept: list[bytes] = []


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, KeepingServer)
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT" and "<no-" in line:
                self._say("550 no such person")
            elif word == "RCPT" and "<later-" in line:
                self._say("451 later")
            elif word == "DATA":
                self._say("354 go on")
                self.server.kept.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say("250 kept")
            else:
                self._say("221 bye" if word == "QUIT" else "250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server() -> Iterator[KeepingServer]:
    with KeepingServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def to_server(server: KeepingServer) -> SmtpMailer:
    host, port = server.server_address[:2]
    return SmtpMailer(SmtpServer(host=str(host), port=int(port)), sender=SENDER, clock=StandingClock())


def to_folder(folder: Path) -> FolderMailer:
    return FolderMailer(folder, sender=SENDER, clock=StandingClock())


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_reaches_the_server_with_its_text_and_id(server: KeepingServer) -> None:
    to_server(server).send(
        to="owner@acme.example", subject="Größe geändert", text="Grüße\nund Dank", message_id="order-7@perseat"
    )

    message = read(server.kept[0])
    assert (message["To"], message["From"], message["Subject"]) == ("owner@acme.example", SENDER, "Größe geändert")
    assert (message["Message-ID"], message["Date"]) == ("<order-7@perseat>", "Sun, 22 Nov 2026 09:00:00 +0000")
    assert message.get_content().replace("\r\n", "\n") == "Grüße\nund Dank\n"


def test_an_address_that_the_server_refuses_for_good_is_refused(server: KeepingServer) -> None:
    with pytest.raises(Refused, match="does not take mail"):
        to_server(server).send(to="no-one@acme.example", subject="s", text="t", message_id="m@perseat")


def test_an_address_that_the_server_puts_off_is_tried_again(server: KeepingServer) -> None:
    with pytest.raises(Unanswered):
        to_server(server).send(to="later-on@acme.example", subject="s", text="t", message_id="m@perseat")


def test_a_server_that_is_down_is_tried_again() -> None:
    with KeepingServer() as gone:
        mailer = to_server(gone)

    with pytest.raises(Unanswered, match="did not answer"):
        mailer.send(to="owner@acme.example", subject="s", text="t", message_id="m@perseat")


def test_a_message_in_the_folder_is_one_file_however_often_it_is_sent(tmp_path: Path) -> None:
    for _time in range(2):
        to_folder(tmp_path / "mail").send(
            to="owner@acme.example", subject="Hello", text="Text", message_id="a/../b@perseat"
        )

    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert read(file.read_bytes())["Subject"] == "Hello"


@pytest.mark.parametrize("to", ["", "nobody", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"])
def test_what_is_no_address_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(Refused):
        to_folder(tmp_path).send(to=to, subject="s", text="t", message_id="m@perseat")
    assert list(tmp_path.iterdir()) == []


def test_a_subject_cannot_add_a_header(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="line break"):
        to_folder(tmp_path).send(to="a@b.example", subject="s\nBcc: c@d.example", text="t", message_id="m@perseat")


def test_letters_with_links_that_let_people_in_are_read_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    mailer = FolderMailer(folder, sender="billing@provider.example", clock=StandingClock())

    mailer.send(to="ada@acme.example", subject="Welcome", text="A link.", message_id="m-1")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
