"""The embedded PostgreSQL: starts for root and for anybody, survives kills, keeps to itself, lets nobody else in."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from perseat.config.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

pytestmark = pytest.mark.embedded

SOURCE = Path(__file__).parents[2] / "src"
STRANGER, SOMEBODY = "nobody", "daemon"  # system users that every Debian has


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who starts servers in a test: ourselves, or an ordinary user if we are root."""

    name: str

    @property
    def is_me(self) -> bool:
        return pwd.getpwuid(os.geteuid()).pw_name == self.name

    def run(self, program: str, *arguments: object) -> str:
        """Run a Python program as this person and return what it prints."""
        done = self.try_to_run(program, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def try_to_run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        head = (
            f"import sys; sys.path[:0] = {[str(SOURCE), *sys.path]!r}\n"
            "from pathlib import Path; import os, psycopg\n"
            "from perseat.config.embedded_postgres import EmbeddedPostgres\n"
            "server = EmbeddedPostgres(Path(sys.argv[1]))\n"
        )
        return subprocess.run(  # noqa: S603
            [_interpreter(self), "-c", head + textwrap.dedent(program), *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **({} if self.is_me else {"user": self.name, "group": pwd.getpwnam(self.name).pw_gid, "extra_groups": []}),
        )


def _interpreter(person: Person) -> str:
    """A Python that the person may run: ours may lie in a home that is closed to others."""
    if person.is_me:
        return sys.executable
    for candidate in (sys.executable, "/usr/bin/python3"):
        reachable = subprocess.run(  # noqa: S603
            [candidate, "-c", "import sys; assert sys.version_info[:2] >= (3, 11)"],
            user=person.name,
            capture_output=True,
            check=False,
        ) if os.access(candidate, os.X_OK) and _is_open(Path(candidate)) else None  # fmt: skip
        if reachable and not reachable.returncode:
            return candidate
    pytest.skip(f"No Python on this machine that {person.name} may run.")


def _is_open(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def _people() -> list[Person]:
    me = Person(name=pwd.getpwuid(os.geteuid()).pw_name)
    return [me, Person(name=SOMEBODY)] if os.geteuid() == 0 else [me]


@pytest.fixture(params=_people(), ids=lambda person: "root" if person.name == "root" else "ordinary user")
def person(request: pytest.FixtureRequest) -> Person:
    given: Person = request.param
    packages = Path(sysconfig.get_path("purelib"))
    if not given.is_me and not (_is_open(packages / "x") and _is_open(SOURCE / "x")):
        pytest.skip("The checkout lies in a folder that ordinary users may not enter.")
    return given


@pytest.fixture
def place(person: Person) -> Iterator[Path]:
    """A folder of the person's, closed to all others; servers in it are stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="perseat-test-"))
    os.chown(folder, pwd.getpwnam(person.name).pw_uid, -1)
    yield folder
    for data in [*folder.glob("**/lock")]:
        person.run("server.remove()", data.parent)
    shutil.rmtree(folder, ignore_errors=True)


def test_it_starts_answers_and_stops(person: Person, place: Path) -> None:
    answer = person.run(
        """
        assert server.start() is True
        print(psycopg.connect(server.url("postgres")).execute("SELECT current_user").fetchone()[0])
        server.stop()
        assert not server.is_running()
        """,
        place / "pg",
    )

    assert answer == "postgres"


def test_a_second_start_uses_the_running_server(person: Person, place: Path) -> None:
    first = person.run("assert server.start(); print(server.server_pid())", place / "pg")
    second = person.run("assert not server.start(); print(server.server_pid())", place / "pg")

    assert first == second


def test_a_killed_server_starts_again_with_its_data(person: Person, place: Path) -> None:
    made = "server.start(); psycopg.connect(server.url('postgres'), autocommit=True).execute('CREATE TABLE kept ()')"
    pid = int(person.run(f"{made}; print(server.server_pid())", place / "pg"))

    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)

    ask = "assert server.start(); print(psycopg.connect(server.url('postgres')).execute('SELECT * FROM kept').rowcount)"
    assert person.run(ask, place / "pg") == "0"


def test_the_number_of_a_dead_server_may_belong_to_another_program(person: Person, place: Path) -> None:
    pid = int(person.run("server.start(); print(server.server_pid())", place / "pg"))
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=10)
    program = """
        import subprocess
        pid_file = server.data / "postmaster.pid"
        other = subprocess.Popen(["sleep", "60"], cwd="/", user=server._server_uid() if os.geteuid() == 0 else None)
        pid_file.write_text(pid_file.read_text().replace(sys.argv[2], str(other.pid), 1))
        assert not server.is_running()
        try:
            print(server.start())
        finally:
            other.kill(); other.wait()
        """

    assert person.run(program, place / "pg", pid) == "True"


def test_a_killed_starter_leaves_nothing_that_hinders_the_next(person: Person, place: Path) -> None:
    killed = person.try_to_run(
        """
        with server.in_use():
            os.kill(os.getpid(), 9)
        """,
        place / "pg",
    )

    assert killed.returncode == -signal.SIGKILL
    assert person.run("with server.in_use(): print(server.is_running())", place / "pg") == "True"
    assert person.run("print(server.is_running())", place / "pg") == "False"


def test_a_start_that_is_killed_half_way_can_be_repeated(person: Person, place: Path) -> None:
    killed = person.try_to_run(
        """
        def die(*arguments): os.kill(os.getpid(), 9)
        server._configure = die  # right after the data were made
        server.start()
        """,
        place / "pg",
    )

    assert killed.returncode == -signal.SIGKILL
    assert person.run("print(server.start())", place / "pg") == "True"


def test_the_last_user_stops_it(person: Person, place: Path) -> None:
    program = """
        second = EmbeddedPostgres(server.folder)
        with server.in_use():
            with second.in_use():
                pass
            print(server.is_running())
        print(server.is_running())
        """

    assert person.run(program, place / "pg").split() == ["True", "False"]


def test_several_starts_at_once_start_one_server(person: Person, place: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: person.run("print(server.start())", place / "pg"), range(4)))

    assert sorted(results) == ["False", "False", "False", "True"]


def test_two_checkouts_do_not_disturb_each_other(person: Person, place: Path) -> None:
    make = "server.start(); psycopg.connect(server.url('postgres'), autocommit=True).execute('CREATE TABLE mine ()')"
    for name in ("one", "two"):
        person.run(make, place / name / "pg")

    person.run("server.remove()", place / "one" / "pg")

    assert person.run("print(server.is_running())", place / "two" / "pg") == "True"
    assert person.run("print(server.is_running())", place / "one" / "pg") == "False"


def test_nobody_else_on_the_machine_can_connect(person: Person, place: Path) -> None:
    url = person.run("server.start(); print(server.url('postgres'))", place / "pg")
    if os.geteuid() != 0:
        pytest.skip("Only root can try as somebody else.")

    knock = f"import psycopg; psycopg.connect({url!r})"
    refused = Person(name=STRANGER).try_to_run(knock, "/nowhere")

    assert "Permission denied" in refused.stderr


def test_the_server_itself_refuses_others_also_when_the_folder_is_opened(person: Person, place: Path) -> None:
    url = person.run(
        """
        server.start()
        for part in (server.socket_folder, *server.socket_folder.parents[:-3]):
            if server.home in (part, *part.parents) or part == server.socket_folder: os.chmod(part, 0o755)
        os.chmod(server.socket_folder / ".s.PGSQL.5432", 0o777)
        print(server.url("postgres"))
        """,
        place / "pg",
    )
    if os.geteuid() != 0:
        pytest.skip("Only root can try as somebody else.")
    place.chmod(0o755)
    for user in ("postgres", "perseat_app", STRANGER):
        knock = f"import psycopg; psycopg.connect({url.replace('postgres@', user + '@')!r})"

        refused = Person(name=STRANGER).try_to_run(knock, "/nowhere")

        assert "Peer authentication failed" in refused.stderr


def test_it_listens_on_no_network_port(person: Person, place: Path) -> None:
    pid = int(person.run("server.start(); print(server.server_pid())", place / "pg"))

    assert psutil.Process(pid).net_connections(kind="inet") == []


def test_no_rights_above_the_data_change(person: Person, place: Path) -> None:
    deep = place / "checkout" / "var"
    person.run(
        "server.folder.parent.mkdir(parents=True, mode=0o700); server.folder.parent.parent.chmod(0o700)", deep / "pg"
    )
    above = [deep, *deep.parents]
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]

    person.run("server.start(); server.stop()", deep / "pg")

    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in above] == before


def test_a_long_path_works_and_stays_closed(person: Person, place: Path) -> None:
    long = place / ("a" * 100) / ("b" * 100) / "pg"

    found = Path(person.run("server.start(); print(server.socket_folder)", long))

    assert stat.S_IMODE(found.stat().st_mode) == 0o700
    assert len(str(found / ".s.PGSQL.5432.lock")) < 108
    assert person.run("print(psycopg.connect(server.url('postgres')).execute('SELECT 1').fetchone()[0])", long) == "1"


def test_a_path_with_odd_characters_works(person: Person, place: Path) -> None:
    odd = place / 'it\'s, "here" ünd %20' / "pg"

    person.run("server.start(); psycopg.connect(server.url('postgres')).close()", odd)


def test_a_short_name_that_somebody_else_took_is_refused(person: Person, place: Path) -> None:
    if os.geteuid() != 0 or person.name == "root":
        pytest.skip("Root's socket has a place of its own; to take a name as somebody else, one must be root.")
    long = place / ("a" * 100) / "pg"
    taken = Path(person.run("print(server.socket_folder)", long))
    taken.mkdir(mode=0o777)
    os.chown(taken, pwd.getpwnam(STRANGER).pw_uid, -1)

    refused = person.try_to_run("server.start()", long)

    assert "belongs to somebody else" in refused.stderr
    taken.rmdir()


def test_a_new_checkout_at_the_place_of_a_deleted_one_begins_empty(person: Person, place: Path) -> None:
    make = "server.start(); psycopg.connect(server.url('postgres'), autocommit=True).execute('CREATE TABLE old ()')"
    person.run(make, place / "pg")
    if person.name != "root":
        person.run("server.stop()", place / "pg")

    shutil.rmtree(place / "pg")

    ask = "print(psycopg.connect(server.url('postgres')).execute(\"SELECT to_regclass('old')\").fetchone()[0])"
    assert person.run(f"server.start(); {ask}", place / "pg") == "None"


def test_a_broken_server_says_why_it_does_not_start(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "pg", options={"max_connections": "many"})

    with pytest.raises(EmbeddedPostgresError, match="max_connections"):
        server.start()

    server.remove()


def test_the_address_can_be_parsed_as_any_database_url(person: Person, place: Path) -> None:
    url = person.run("print(server.url('shop'))", place / "with space" / "pg")

    assert psycopg.conninfo.conninfo_to_dict(url)["dbname"] == "shop"
