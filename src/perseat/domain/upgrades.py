"""Upgrades: which seats move from one edition to another when totals change (rule 13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from perseat.domain.quote_values import EditionState, ServiceState, Upgrade


def pair_upgrades(state: ServiceState, *, wanted: Mapping[str, int]) -> tuple[Upgrade, ...]:
    """What falls in one edition and rises in another, along the allowed paths.

    Targets dearest first, each from its dearest source; ties by catalog order. Seats left over are plain increases
    and decreases.
    """
    if not state.upgrades:
        return ()
    differences = {each.edition: wanted.get(each.edition, each.held) - each.held for each in state.editions}
    sources = _dearest_first(each for each in state.editions if differences[each.edition] < 0)
    if not sources:
        return ()
    pairs: list[Upgrade] = []
    for target in _dearest_first(each for each in state.editions if differences[each.edition] > 0):
        for source in sources:
            seats = min(differences[target], -differences[source])
            if seats > 0 and (source, target) in state.upgrades:
                differences[target] -= seats
                differences[source] += seats
                pairs.append(Upgrade(source=source, target=target, seats=seats))
    return tuple(pairs)


def _dearest_first(editions: Iterable[EditionState]) -> list[str]:
    return [each.edition for each in sorted(editions, key=lambda each: (-each.unit_price, each.position))]
