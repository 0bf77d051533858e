"""A file has one subject; what does not fit on 400 lines has two."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
MOST_LINES = 400


def test_no_file_has_more_than_400_lines() -> None:
    files = [path for folder in ("src", "tests", "bench") for path in (CHECKOUT / folder).rglob("*.py")]
    lengths = {
        str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines())
        for path in files
        if "migrations" not in path.parts
    }

    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}
    assert len(lengths) > 50


def test_every_package_says_what_lives_there() -> None:
    packages = [path for path in (CHECKOUT / "src").rglob("__init__.py") if "migrations" not in path.parts]

    assert [str(path.relative_to(CHECKOUT)) for path in packages if not path.read_text().startswith('"""')] == []


def test_every_folder_of_python_files_is_a_package() -> None:
    folders = {path.parent for path in (CHECKOUT / "src" / "perseat").rglob("*.py")}

    assert [str(f.relative_to(CHECKOUT)) for f in sorted(folders) if not (f / "__init__.py").exists()] == []
