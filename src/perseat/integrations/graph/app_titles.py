"""Plain names of the apps inside a license, by Microsoft's names of service plans."""

from __future__ import annotations

_TITLES = {
    "ATP_ENTERPRISE": "Defender for Office 365",
    "BPOS_S_TODO_1": "To Do",
    "BING_CHAT_ENTERPRISE": "Copilot Chat",
    "CLIPCHAMP": "Clipchamp",
    "EXCHANGE_S_ARCHIVE_ADDON": "Mail archive",
    "EXCHANGE_S_ENTERPRISE": "Mailbox (Exchange)",
    "EXCHANGE_S_STANDARD": "Mailbox (Exchange)",
    "FORMS_PLAN_E1": "Forms",
    "INTUNE_A": "Device management (Intune)",
    "MDE_SMB": "Defender for Business",
    "MICROSOFT_LOOP": "Loop",
    "MICROSOFTBOOKINGS": "Bookings",
    "OFFICE_BUSINESS": "Installed Office apps",
    "OFFICEMOBILE_SUBSCRIPTION": "Office on phones and tablets",
    "PROJECTWORKMANAGEMENT": "Planner",
    "SHAREPOINTSTANDARD": "Files (OneDrive and SharePoint)",
    "SHAREPOINTWAC": "Office in the browser",
    "SWAY": "Sway",
    "TEAMS1": "Teams",
    "WHITEBOARD_PLAN1": "Whiteboard",
    "WINBIZ": "Windows Business",
}


def app_title(plan_name: str) -> str:
    """What people call the app; "" for plans that nobody opens or that we have no name for."""
    return _TITLES.get(plan_name.upper(), "")
