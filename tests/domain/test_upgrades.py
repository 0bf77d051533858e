"""Which seats move from one edition to another when totals change: rule 13."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.domain.services import edition, service

from perseat.domain.quote import EditionState
from perseat.domain.upgrades import pair_upgrades

ANY = frozenset({("basic", "standard"), ("basic", "premium"), ("standard", "premium"), ("standard", "basic")})
ALSO_DOWN = ANY | {("premium", "basic"), ("premium", "standard")}


def told(
    held: dict[str, int], wanted: dict[str, int], upgrades: frozenset[tuple[str, str]], **changed: EditionState
) -> list[tuple[str, str, int]]:
    editions = [changed.get(name) or edition(name, seats) for name, seats in held.items()]
    state = service(*editions, upgrades=upgrades)
    return [(each.source, each.target, each.seats) for each in pair_upgrades(state, wanted=wanted)]


@pytest.mark.parametrize(
    ("held", "wanted", "upgrades", "moves"),
    [
        ({"basic": 5}, {"basic": 2, "premium": 3}, ANY, [("basic", "premium", 3)]),
        ({"basic": 5}, {"basic": 2, "premium": 5}, ANY, [("basic", "premium", 3)]),
        ({"basic": 5}, {"basic": 2, "premium": 1}, ANY, [("basic", "premium", 1)]),
        # Targets dearest first, each from its dearest source.
        ({"basic": 5}, {"basic": 2, "standard": 2, "premium": 2}, ANY,
         [("basic", "premium", 2), ("basic", "standard", 1)]),
        ({"basic": 5, "standard": 2}, {"basic": 2, "standard": 1, "premium": 3}, ANY,
         [("standard", "premium", 1), ("basic", "premium", 2)]),
        ({"basic": 5, "standard": 2}, {"basic": 2, "standard": 0, "premium": 1}, ANY, [("standard", "premium", 1)]),
        # Only along the allowed paths.
        ({"premium": 2}, {"premium": 0, "basic": 2}, ANY, []),
        ({"premium": 2}, {"premium": 0, "basic": 2}, ALSO_DOWN, [("premium", "basic", 2)]),
        ({"basic": 5}, {"basic": 2, "premium": 3}, frozenset(), []),
        ({"basic": 5}, {"basic": 2, "premium": 3}, frozenset({("basic", "standard")}), []),
        # Nothing falls, nothing rises, nothing changes.
        ({"basic": 5}, {"basic": 7, "premium": 3}, ANY, []),
        ({"basic": 5, "premium": 2}, {"basic": 4, "premium": 1}, ALSO_DOWN, []),
        ({"basic": 5}, {"basic": 2}, ANY, []),
        ({"basic": 5}, {"premium": 2}, ANY, []),  # an edition that is not named keeps what it holds
        ({"basic": 5}, {}, ANY, []),
    ],
)  # fmt: skip
def test_seats_move_along_the_allowed_paths_the_dearest_first(
    held: dict[str, int],
    wanted: dict[str, int],
    upgrades: frozenset[tuple[str, str]],
    moves: list[tuple[str, str, int]],
) -> None:
    assert told(held, wanted, upgrades) == moves


def test_of_two_sources_at_one_price_the_catalog_tells_the_first() -> None:
    as_dear_as_basic = replace(edition("standard", 2), unit_price=Decimal("7.00"))

    moves = told({"basic": 2, "standard": 2}, {"basic": 0, "standard": 0, "premium": 3}, ANY, standard=as_dear_as_basic)

    assert moves == [("basic", "premium", 2), ("standard", "premium", 1)]


def test_of_two_targets_at_one_price_the_catalog_tells_the_first() -> None:
    as_dear_as_premium = replace(edition("standard"), unit_price=Decimal("22.00"))

    moves = told(
        {"basic": 2, "standard": 0}, {"basic": 0, "standard": 1, "premium": 1}, ANY, standard=as_dear_as_premium
    )

    assert moves == [("basic", "standard", 1), ("basic", "premium", 1)]
