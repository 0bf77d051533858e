"""`perseat connect`: what is typed by mistake is told, and is sent nowhere."""

from __future__ import annotations

import io

import pytest

from perseat.entrypoints.cli import connect


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (b"", "No refresh token was given"),
        (b" \n", "No refresh token was given"),
        (b"abc\xff\xfe\n", "This is no refresh token"),
        (b"two words\n", "This is no refresh token"),
        (b"a\x00b\n", "This is no refresh token"),
        (b"A" * 5_000_000, "This is no refresh token"),
    ],
    ids=["nothing", "a blank", "another encoding", "two words", "zero byte", "without end"],
)
def test_what_is_no_refresh_token_is_told_and_sent_nowhere(
    typed: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed), errors="surrogateescape"))

    assert connect.main() == 2

    told = capsys.readouterr().err
    assert told.startswith(sentence)
    assert told.count("\n") == 1
