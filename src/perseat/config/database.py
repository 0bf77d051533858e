"""The database: which server, which of the two roles, and the rights that `perseat_app` has and has not.

`perseat_owner` owns the tables and runs the migrations. `perseat_app`, which the web server and the workers use, may
read and write rows; it owns nothing, so it can neither change a table nor switch off a trigger, and it may not
truncate. A migration may take further rights away from it (documents, ledger), and they stay away.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from perseat.config.embedded_postgres import SUPERUSER, EmbeddedPostgres
from perseat.config.product_settings import ProductSettings

OWNER_ROLE = "perseat_owner"
APP_ROLE = "perseat_app"
EMBEDDED_DATABASE = "perseat"

# The body of the function that every trigger asks whether its session may skip it.
NEVER_IGNORED = "BEGIN RETURN FALSE; END;"

# Any number that no other program on the server uses for an advisory lock.
_PREPARING = 7_250_001


class DatabaseError(Exception):
    """The database cannot be made ready; the text says why and how to mend it."""


def embedded_server(settings: ProductSettings) -> EmbeddedPostgres | None:
    """The server of our own, or None when DATABASE_URL names another."""
    return None if settings.database_url else EmbeddedPostgres(settings.data_dir / "postgres")


def login(settings: ProductSettings) -> dict[str, Any]:
    """How to reach the database with all the rights that the installation was given, as libpq's keywords."""
    if settings.database_url:
        return dict(conninfo_to_dict(settings.database_url.get_secret_value()))
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    return {"host": str(server.socket_folder), "user": SUPERUSER, "dbname": EMBEDDED_DATABASE}


def django_database(settings: ProductSettings) -> dict[str, Any]:
    """Django's DATABASES entry. Every connection begins as the role, whoever logs in."""
    keywords = login(settings)
    role = OWNER_ROLE if settings.database_role == "owner" else APP_ROLE
    if settings.database_url is None:
        keywords["user"] = role
    elif keywords.get("user") != role:
        keywords["options"] = f"{keywords.get('options', '')} -c role={role}".strip()
    named = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    entry: dict[str, Any] = {name: keywords.pop(keyword, "") for name, keyword in named.items()}
    # The bundled programs of psycopg look for certificates and services elsewhere; nothing else differs.
    return {
        "ENGINE": "django.db.backends.postgresql",
        **entry,
        "OPTIONS": {"application_name": "perseat", "connect_timeout": 10, **keywords},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def prepare(settings: ProductSettings) -> None:
    """Make the roles, the database and the rights, whatever of it is missing. May be repeated.

    :raises DatabaseError: when the login may not, with what an administrator has to type.
    """
    target = login(settings)
    name = str(target.get("dbname") or target.get("user") or "postgres")
    try:
        with _reach_any_database(target) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
            _make_roles(connection)
            _make_database(connection, name=name)
        with psycopg.connect(make_conninfo(**target), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
            _give_rights(connection, name=name)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"The login of DATABASE_URL may not make the database ready ({str(error).strip()}). Let an administrator"
            f" of that server run: CREATE ROLE {OWNER_ROLE}; CREATE ROLE {APP_ROLE};"
            f" GRANT {OWNER_ROLE}, {APP_ROLE} TO <login>; CREATE DATABASE {name} OWNER <login>;"
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseError(f"The database does not answer: {str(error).strip()}") from error


def close_what_migrations_opened(settings: ProductSettings) -> None:
    """After the migrations: which of them ran is nobody's to change but the owner's, and no trigger lets itself be off.

    pgtrigger's triggers ask this function of the library whether a session has named them in `pgtrigger.ignore`, which
    any role may set. A migration that adds a trigger puts the library's own back, hence here, after each.
    """
    with psycopg.connect(make_conninfo(**login(settings)), autocommit=True) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER_ROLE)))
        connection.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}")
        connection.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
            f" AS '{NEVER_IGNORED}' LANGUAGE plpgsql"
        )


def _reach_any_database(target: dict[str, Any]) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(make_conninfo(**target), autocommit=True)
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        return psycopg.connect(make_conninfo(**{**target, "dbname": "postgres"}), autocommit=True)


def _make_roles(connection: psycopg.Connection[Any]) -> None:
    if connection.info.server_version < 150_000:
        raise DatabaseError("PostgreSQL 15 or newer is needed; this server is older.")
    for role in (OWNER_ROLE, APP_ROLE):
        identifier = sql.Identifier(role)
        found = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if found is None:
            # On our own server they log in (the kernel says who calls); elsewhere nobody can without a password.
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(identifier))
        elif found[0]:
            raise DatabaseError(f"The role {role} is a superuser; it must not be: ALTER ROLE {role} NOSUPERUSER;")
        # Since PostgreSQL 16 whoever makes a role may hand it out, but not yet become it.
        become = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
        may = connection.execute("SELECT pg_has_role(session_user, %s, %s)", [role, become]).fetchone()
        if may and not may[0]:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(identifier))


def _make_database(connection: psycopg.Connection[Any], *, name: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(OWNER_ROLE)
            )
        )


def _give_rights(connection: psycopg.Connection[Any], *, name: str) -> None:
    owner, app, database = sql.Identifier(OWNER_ROLE), sql.Identifier(APP_ROLE), sql.Identifier(name)
    statements = [
        # The login goes on to connect, also when it is neither of the two roles nor the database's owner.
        "GRANT CONNECT ON DATABASE {database} TO {owner}, {app}, SESSION_USER",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE, CREATE ON SCHEMA public TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {app}",
    ]
    owned = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if owned and owned[0] != OWNER_ROLE:
        statements.append("GRANT CREATE, TEMPORARY ON DATABASE {database} TO {owner}")
    statements += [
        "SET ROLE {owner}",
        # Rights come with each new table and are never renewed, so that what a migration revokes stays revoked.
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    ]
    for statement in statements:
        connection.execute(sql.SQL(statement).format(owner=owner, app=app, database=database))
