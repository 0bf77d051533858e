"""Upgrades: which seats move from one edition to another when totals change (rule 13)."""

from __future__ import annotations

from collections.abc import Mapping

from perseat.domain.quote_values import EditionState, ServiceState, Upgrade


def pair_upgrades(state: ServiceState, *, wanted: Mapping[str, int]) -> tuple[Upgrade, ...]:
    """What falls in one edition and rises in another, along the allowed paths.

    Targets dearest first, each from its dearest source; ties by catalog order. Seats left over are plain increases
    and decreases.
    """
    if not state.upgrades:
        return ()
    dearest_first = sorted(state.editions, key=lambda edition: (-edition.unit_price, edition.position))
    rises = {edition.edition: _rise(edition, wanted) for edition in dearest_first}
    pairs: list[Upgrade] = []
    for target in dearest_first:
        for source in dearest_first:
            if rises[target.edition] <= 0 or (source.edition, target.edition) not in state.upgrades:
                continue
            seats = min(rises[target.edition], -rises[source.edition])
            if seats > 0:
                rises[target.edition] -= seats
                rises[source.edition] += seats
                pairs.append(Upgrade(source=source.edition, target=target.edition, seats=seats))
    return tuple(pairs)


def _rise(edition: EditionState, wanted: Mapping[str, int]) -> int:
    return wanted.get(edition.edition, edition.held) - edition.held
