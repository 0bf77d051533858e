"""`perseat demo`: the database, Microsoft's simulator, the worker and the web server, watched over as one."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from perseat.config.embedded_postgres import EmbeddedPostgres
from perseat.config.product_settings import ProductSettings, SettingsError, load
from perseat.config.supervisor import ProcessDied, Supervisor

SIMULATOR_STATE = "simulator.json"
_MADE_BY_THE_DEMO = ("mail", "log", "static", "documents", SIMULATOR_STATE)
_PASSWORD = "perseat-demo"  # noqa: S105 - everybody knows it; the logins exist in the demo only
_LOGINS = {
    "owner@acme.example": "owner of the customer Acme",
    "colleague@acme.example": "of Acme, may manage users and licenses, may not buy",
    "viewer@acme.example": "of Acme, may only look",
    "owner@umbrella.example": "owner of another customer, Umbrella",
    "clerk@provider.example": "the provider's billing team",
    "admin@provider.example": "the provider's administrator",
}


def run(*, reset: bool) -> int:
    """Start everything, say where it is, and watch until a signal or the death of a part ends it."""
    _choose_settings()
    settings = load()
    with ExitStack() as stack:
        stack.enter_context(_only_demo_here(settings))
        if reset:
            _forget_everything(settings)
        _check_port(settings)
        if settings.database_url is None:
            stack.enter_context(EmbeddedPostgres(settings.data_dir / "postgres").in_use())
        supervisor = stack.enter_context(Supervisor(log_folder=settings.data_dir / "log"))
        try:
            _start(supervisor, settings=settings)
            _announce(settings)
            supervisor.watch()
        except KeyboardInterrupt:  # while it was starting
            pass
        except (ProcessDied, TimeoutError) as death:
            print(f"\n{death}", file=sys.stderr)
            return 1
        print("\nStopping …", flush=True)
    print("Everything is stopped; the data are kept. `make demo RESET=1` starts afresh.")
    return 0


def _choose_settings() -> None:
    """What makes an installation a demo; a setting that was given wins."""
    simulator_port = os.environ.setdefault("PERSEAT_SIMULATOR_PORT", str(_free_port()))
    simulator = f"http://127.0.0.1:{simulator_port}"
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    everywhere = host in {"0.0.0.0", "::"}  # noqa: S104 - asked for by the person who starts it
    shown = "localhost" if everywhere else host
    # The simulator opens to these only, and says so in its own source: they are no secrets.
    for name, value in {
        "PERSEAT_DEMO": "on",
        "PERSEAT_BASE_URL": f"http://{f'[{shown}]' if ':' in shown else shown}:{port}",
        "PERSEAT_ALLOWED_HOSTS": "*" if everywhere else f"localhost,127.0.0.1,[::1],{host}",
        "PERSEAT_PARTNER_CENTER_BASE_URL": simulator,
        "PERSEAT_PRICE_SHEET_BASE_URL": simulator,
        "PERSEAT_GRAPH_BASE_URL": simulator,
        "PERSEAT_LOGIN_BASE_URL": simulator,
        "PERSEAT_NOTICE_CERTIFICATE_HOSTS": f"127.0.0.1:{simulator_port}",
        "PERSEAT_PARTNER_TENANT_ID": "3b33e682-00c3-41ee-9dd2-a548adf56438",
        "PERSEAT_CLIENT_ID": "6c2bd2a4-3f64-4a4c-9a5b-8d1f0c7e21aa",
        "PERSEAT_CLIENT_SECRET": "simulator-client-secret",
        "PERSEAT_REFRESH_TOKEN": "simulator-first-consent",
        "PERSEAT_GDAP_GROUP_ID": "9f0a7c52-4c1e-4f7b-8f56-3d1b0c2e4a90",
        "PERSEAT_SANDBOX_GATEWAY": "on",
    }.items():
        os.environ.setdefault(name, value)


def _start(supervisor: Supervisor, *, settings: ProductSettings) -> None:
    print("Preparing the database …", flush=True)
    supervisor.run_to_end("migrate", _perseat("migrate"))
    supervisor.start("simulator", _perseat("simulator"))
    supervisor.wait_for("simulator", f"http://127.0.0.1:{settings.simulator_port}/")
    supervisor.run_to_end("sample-data", [sys.executable, "-m", "perseat.config.fill_demo"])
    supervisor.start("worker", _perseat("worker"))
    supervisor.start("web", _perseat("serve"))
    supervisor.wait_for("web", f"http://{_reachable(settings.host)}:{settings.port}/readyz")


def _perseat(command: str) -> list[str]:
    return [sys.executable, "-m", "perseat.config.program", command]


def _announce(settings: ProductSettings) -> None:
    width = max(map(len, _LOGINS))
    lines = [f"  {login.ljust(width)}  {meaning}" for login, meaning in _LOGINS.items()]
    print(
        f"\nPerseat runs at {settings.base_url}/\n\nPassword of every login: {_PASSWORD}\n" + "\n".join(lines) + "\n\n"
        f"Logs are in {settings.data_dir / 'log'}, e-mails in {settings.data_dir / 'mail'}. Ctrl-C stops everything.",
        flush=True,
    )


@contextmanager
def _only_demo_here(settings: ProductSettings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError("A demo already runs in this checkout; stop it first.") from None
        yield


def _forget_everything(settings: ProductSettings) -> None:
    EmbeddedPostgres(settings.data_dir / "postgres").remove()
    for name in _MADE_BY_THE_DEMO:
        _remove(settings.data_dir / name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _check_port(settings: ProductSettings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); choose another port:"
                " make demo PORT=8001"
            ) from None


def _reachable(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
