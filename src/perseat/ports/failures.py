"""The ways in which anything outside can fail. Refused: tell a person. Unanswered: ask again, same request id."""

from __future__ import annotations


class OutsideFailure(Exception):
    """Something outside did not do what we asked."""


class Refused(OutsideFailure):
    """The other side understood and said no; asking again will not help.

    `code`: the other side's own code, kept as it is. `sentence`: plain words for a person, with the way out.
    `details`: facts that came with the refusal (such as available seats). `correlation_id`: theirs, for support.
    `is_for_staff`: a person of the provider can mend the cause, or has to find out what the answer means; what was
    asked for is not over yet.
    """

    def __init__(
        self,
        *,
        code: str,
        sentence: str,
        details: dict[str, str] | None = None,
        correlation_id: str = "",
        is_for_staff: bool = False,
    ) -> None:
        super().__init__(f"{sentence} ({code})")
        self.code = code
        self.sentence = sentence
        self.details = details or {}
        self.correlation_id = correlation_id
        self.is_for_staff = is_for_staff


class NotFound(Refused):
    """What was asked about does not exist there, or not yet."""


class TooLate(Refused):
    """It would have been done earlier; the deadline for it has passed, and asking differently will not help."""


class Unanswered(OutsideFailure):
    """No answer, or one that does not tell whether it was done: read back, then ask again with the same request id.

    `retry_after_seconds`: how long the other side wants us to wait, None when it did not say.
    """

    def __init__(self, sentence: str, *, retry_after_seconds: float | None = None, correlation_id: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after_seconds = retry_after_seconds
        self.correlation_id = correlation_id


class WritesAreOff(OutsideFailure):
    """Writing to the supplier is switched off by PERSEAT_SUPPLIER_WRITES; nothing was sent."""


class CredentialsRefused(OutsideFailure):
    """Our own sign-in was refused: expired consent, wrong secret, missing permission. `sentence` says which."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
