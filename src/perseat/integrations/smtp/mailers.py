"""The Mailer port twice: a real server, and a folder."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from perseat.integrations.smtp.message import build_message
from perseat.ports.clock import Clock
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where mail goes. `is_encrypted`: TLS from the first byte; else STARTTLS is used wherever the server offers it."""

    host: str
    port: int
    is_encrypted: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 20.0


class SmtpMailer:
    """Sends through a server, one connection a message."""

    def __init__(self, server: SmtpServer, *, sender: str, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Send. :raises Refused: the server will never take it. :raises Unanswered: later perhaps."""
        message = build_message(
            sender=self._sender, to=to, subject=subject, text=text, message_id=message_id, sent_at=self._clock.now()
        )
        _translated(lambda: self._hand_over(message.as_bytes(), to=to))
        log.info("mail sent", message_id=message_id)

    def _hand_over(self, message: bytes, *, to: str) -> None:
        server = self._server
        context = ssl.create_default_context()
        if server.is_encrypted:
            session: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout_seconds, context=context
            )
        else:
            session = smtplib.SMTP(server.host, server.port, timeout=server.timeout_seconds)
        with session:
            session.ehlo_or_helo_if_needed()
            if not server.is_encrypted and session.has_extn("starttls"):
                session.starttls(context=context)
            if server.user:
                session.login(server.user, server.password)
            session.sendmail(self._sender, [to], message)


class FolderMailer:
    """Writes each message as a file that mail programs open; the same message id is the same file."""

    def __init__(self, folder: Path, *, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Write. :raises Refused: an address or subject that no message can carry."""
        message = build_message(
            sender=self._sender, to=to, subject=subject, text=text, message_id=message_id, sent_at=self._clock.now()
        )
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters hold links that let people in
        path = self._folder / _file_name(message_id)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_bytes(message.as_bytes())
        fresh.replace(path)
        log.info("mail written", message_id=message_id, file=path.name)


def _translated(act: Callable[[], None]) -> None:
    try:
        act()
    except smtplib.SMTPAuthenticationError as error:
        raise CredentialsRefused("The mail server refused our sign-in. Check PERSEAT_SMTP_URL.") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        raise _by_code(max(codes, default=0), error=error) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code(error.smtp_code, error=error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unanswered(f"The mail server did not answer ({type(error).__name__}).") from error


def _by_code(code: int, *, error: Exception) -> Refused | Unanswered:
    """5xx is final by RFC 5321, 4xx passes."""
    if code >= 500:
        return Refused(code=str(code), sentence="The mail server does not take mail for this address.")
    return Unanswered(f"The mail server asks us to come back later ({type(error).__name__}).")


def _file_name(message_id: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", message_id).strip("-.")[:60]
    return f"{readable}-{hashlib.sha256(message_id.encode()).hexdigest()[:12]}.eml"
