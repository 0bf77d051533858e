"""Upgrades: which seats move from one edition to another when totals change (rule 13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from perseat.domain.quote_values import EditionState, ServiceState, Upgrade


def pair_upgrades(state: ServiceState, *, wanted: Mapping[str, int]) -> tuple[Upgrade, ...]:
    """What falls in one edition and rises in another, along the allowed paths.

    Targets dearest first, each from its dearest source; ties by catalog order. Seats left over are plain increases
    and decreases.
    """
    if not state.upgrades:
        return ()
    falling: list[EditionState] = []
    rising: list[EditionState] = []
    left: dict[str, int] = {}
    for each in state.editions:
        seats = wanted.get(each.edition, each.held) - each.held
        if seats:
            (rising if seats > 0 else falling).append(each)
            left[each.edition] = abs(seats)
    if not falling or not rising:
        return ()
    return tuple(_pair(_dearest_first(falling), _dearest_first(rising), left, state.upgrades))


def _pair(
    sources: Sequence[str], targets: Iterable[str], left: dict[str, int], allowed: Collection[tuple[str, str]]
) -> Iterator[Upgrade]:
    """`left`: how many seats still leave each source, and still have to come to each target."""
    for target in targets:
        for source in sources:
            if (source, target) in allowed and (seats := min(left[target], left[source])):
                left[target] -= seats
                left[source] -= seats
                yield Upgrade(source, target, seats)


def _dearest_first(editions: list[EditionState]) -> list[str]:
    if len(editions) > 1:
        editions.sort(key=lambda each: (each.unit_price, -each.position), reverse=True)
    return [each.edition for each in editions]
