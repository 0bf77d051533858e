"""Why Microsoft's sign-in refused us, in words for the person who set it up. Codes are those of its AADSTS messages."""

from __future__ import annotations

import re

_BY_CODE = {
    "50034": "The integration account does not exist in that tenant any more.",
    "50057": "The integration account is blocked at Microsoft. Unblock it, then give the consent again.",
    "50076": "Microsoft asks for multi-factor sign-in. Give the consent again with an account that signs in with MFA.",
    "50079": "The integration account must set up multi-factor sign-in first; then give the consent again.",
    "50158": "Microsoft asks for multi-factor sign-in. Give the consent again with an account that signs in with MFA.",
    "50173": "The consent ended because the account's password or sessions were reset. Give the consent again.",
    "53003": "A Conditional Access policy blocks our sign-in. Exempt the application or the account from it.",
    "65001": "The application has not been consented to in that tenant. Let its administrator give the consent.",
    "70008": "The consent has expired. Give it again and take it up with `perseat connect`.",
    "700016": "That tenant does not know our application. Let its administrator give the consent.",
    "700024": "The application's certificate has ended, or this machine's clock is wrong. Check both.",
    "700027": "Microsoft does not know the application's certificate. Register the one of PERSEAT_CLIENT_CERTIFICATE.",
    "700082": "The consent has expired after 90 days without use. Give it again and take it up with `perseat connect`.",
    "7000215": "The application's secret is wrong. Check PERSEAT_CLIENT_SECRET (its value, not its id).",
    "7000222": "The application's secret has expired. Make a new one and set PERSEAT_CLIENT_SECRET.",
    "900023": "Microsoft does not know a tenant of that id or name.",
    "90002": "Microsoft does not know a tenant of that id or name.",
}
_BY_ERROR = {
    "invalid_client": "Microsoft does not accept our application's id and secret. Check PERSEAT_CLIENT_ID and "
    "PERSEAT_CLIENT_SECRET.",
    "invalid_grant": "Microsoft does not accept our consent any more. "
    "Give it again and take it up with `perseat connect`.",
    "unauthorized_client": "Our application is not allowed to sign in there. Let an administrator give the consent.",
    "interaction_required": "Microsoft asks a person to sign in. "
    "Give the consent again and take it up with `perseat connect`.",
}


def sentence_for(*, error: str, description: str) -> str:
    """Plain words for an answer of the token endpoint; Microsoft's code is kept at the end, for its support."""
    found = re.search(r"AADSTS(\d+)", description)
    code = found.group(1) if found else ""
    words = _BY_CODE.get(code) or _BY_ERROR.get(error) or "Microsoft refused our sign-in."
    shown = f"AADSTS{code}" if code else error
    return f"{words} ({shown})" if shown else words
