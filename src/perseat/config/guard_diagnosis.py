"""What `perseat doctor` looks at when the tables are there: guards, rights, and the chain of issued documents.

The audit asks whether the figures agree; this asks whether anybody could have changed them, or has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pgtrigger
from django.db import connection

from perseat.config.database import APP_ROLE, NEVER_IGNORED, OWNER_ROLE
from perseat.config.diagnosis import Finding
from perseat.journeys.tamper_evidence import find_altered_documents

_TRIGGERS = """
    SELECT c.relname, t.tgname, t.tgenabled, p.prosrc FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname = 'public'
"""
_SKIPPING = "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('public._pgtrigger_should_ignore(name)')"
_APP_TABLES = """
    SELECT c.relname,
        has_table_privilege(%(app)s, c.oid, 'TRUNCATE') OR has_table_privilege(%(app)s, c.oid, 'TRIGGER'),
        pg_get_userbyid(c.relowner) = %(app)s
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
_APP_ROLE = """
    SELECT rolsuper OR rolcreaterole OR rolbypassrls, pg_has_role(%(app)s, %(owner)s, 'MEMBER'),
        has_table_privilege(%(app)s, 'django_migrations', 'INSERT, UPDATE, DELETE')
    FROM pg_roles WHERE rolname = %(app)s
"""
_BODY = re.compile(r"RETURNS TRIGGER AS \$\$(.*?)\$\$ LANGUAGE", re.DOTALL)
_SHOWN = 20


def examine() -> tuple[Finding, ...]:
    """Look at the guards, the rights and every issued document; nothing is changed."""
    return (
        _finding("guards", _weak_guards(), well="every trigger that protects a table is there and on."),
        _finding("rights", _excess_rights(), well=f"{APP_ROLE} may read and write rows, and no more."),
        _finding("documents", _altered(), well="every issued document is as it was issued, and none is missing."),
    )


def _finding(subject: str, problems: Iterator[str], *, well: str) -> Finding:
    found = list(problems)
    if not found:
        return Finding(subject=subject, is_well=True, sentence=well)
    more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
    return Finding(subject=subject, is_well=False, sentence=" ".join(found[:_SHOWN]) + more)


def _weak_guards() -> Iterator[str]:
    mend = "Run `perseat migrate`, find out who did it, and run `perseat audit`."
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        there = {(table, name): (enabled, body) for table, name, enabled, body in cursor.fetchall()}
        cursor.execute(_SKIPPING)
        skipping = cursor.fetchone()
    for model, trigger in sorted(pgtrigger.registered(), key=lambda pair: pair[1].get_pgid(pair[0])):
        table, name = model._meta.db_table, trigger.get_pgid(model)
        enabled, body = there.get((table, name), ("", ""))
        if not enabled:
            yield f"The trigger {trigger.name} of {table} is missing. {mend}"
        elif enabled not in "OA":
            yield f"The trigger {trigger.name} of {table} is switched off; ALTER TABLE {table} ENABLE TRIGGER USER. {mend}"
        elif _body(trigger.compile(model).install_sql) != _plain(body):
            yield f"The trigger {trigger.name} of {table} does something else than it should. {mend}"
    if skipping is None or _plain(skipping[0]) != NEVER_IGNORED:
        yield f"A session could skip the triggers by a setting. {mend}"


def _body(install_sql: str) -> str:
    found = _BODY.search(install_sql)
    return _plain(found.group(1)) if found else ""


def _plain(body: str) -> str:
    return " ".join(body.split())


def _excess_rights() -> Iterator[str]:
    roles = {"app": APP_ROLE, "owner": OWNER_ROLE}
    with connection.cursor() as cursor:
        cursor.execute(_APP_ROLE, roles)
        role = cursor.fetchone()
        cursor.execute(_APP_TABLES, roles)
        tables = cursor.fetchall()
    if role is None:
        yield f"The role {APP_ROLE} is missing; run `perseat migrate`."
        return
    can_everything, is_owner, may_claim_migrations = role
    if can_everything:
        yield f"{APP_ROLE} has rights over roles or all rows; ALTER ROLE {APP_ROLE} NOSUPERUSER NOCREATEROLE NOBYPASSRLS."
    if is_owner:
        yield f"{APP_ROLE} may become {OWNER_ROLE}; REVOKE {OWNER_ROLE} FROM {APP_ROLE}."
    if may_claim_migrations:
        yield f"{APP_ROLE} may write django_migrations; run `perseat migrate`."
    for table, may_truncate, is_its_own in tables:
        if is_its_own:
            yield f"{APP_ROLE} owns {table}; ALTER TABLE {table} OWNER TO {OWNER_ROLE}."
        elif may_truncate:
            yield f"{APP_ROLE} may empty {table}; REVOKE TRUNCATE, TRIGGER ON {table} FROM {APP_ROLE}."


def _altered() -> Iterator[str]:
    for each in find_altered_documents():
        yield f"{each}."
