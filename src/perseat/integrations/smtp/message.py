"""One plain message, built so that nothing in an address or subject can add a header."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from perseat.ports.failures import Refused


def build_message(*, sender: str, to: str, subject: str, text: str, message_id: str, sent_at: datetime) -> EmailMessage:
    """The message with its headers. The same `message_id` marks a repetition for the receiver's program.

    :raises Refused: an address or subject that no message can carry.
    """
    message = EmailMessage(policy=SMTP)
    if parseaddr(to)[1] != to or "@" not in to:
        raise Refused(code="bad-address", sentence=f"{to!r} is not an e-mail address.")
    try:
        message["From"] = sender
        message["To"] = to
        message["Subject"] = subject
        message["Message-ID"] = message_id if message_id.startswith("<") else f"<{message_id}>"
        message["Date"] = format_datetime(sent_at)
        message["Auto-Submitted"] = "auto-generated"
    except ValueError as error:
        raise Refused(code="bad-header", sentence="The message's subject or address has a line break.") from error
    message.set_content(text)
    return message
