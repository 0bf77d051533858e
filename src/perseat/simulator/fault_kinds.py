"""The kinds of misbehavior."""

from __future__ import annotations

import enum


class FaultKind(enum.StrEnum):
    """What goes wrong. `before` leaves the call undone, `after` does it and answers wrongly.

    A `timeout` keeps the line open and says nothing for `seconds`; a `drop` is a gateway's own time-out (504).
    `duplicate`: the call arrives twice. `late`: it is answered by a 504 and acted upon `seconds` later.
    `stale_etag`: somebody else changes the subscription just before. `token_expired`, `consent_revoked`: for this call
    only. `seats_show_late`: what is bought or changed shows in the directory `seconds` later. `stale_read`: what the
    directory counted at the question before.
    """

    FAIL_BEFORE = "500_before"
    FAIL_AFTER = "500_after"
    UNAVAILABLE = "503"
    THROTTLED = "429"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    SLOW = "slow"
    ACCEPTED = "202"
    DUPLICATE = "duplicate"
    LATE = "late"
    STALE_ETAG = "stale_etag"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a kind of fault
    CONSENT_REVOKED = "consent_revoked"
    SEATS_SHOW_LATE = "seats_show_late"
    STALE_READ = "stale_read"
    REFUSED = "error"
