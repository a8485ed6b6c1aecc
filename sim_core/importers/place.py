"""Drawing places for free chunks in stretches of pages, without leaving two free buddies.

The stretches hold pages that no free chunk covers yet. Chunks are placed from the highest order
down, so a place of order k+1 in a stretch (a *pair*) has nothing free in it: giving one of its
halves to a chunk of order k leaves the other half in use at least in part, and the two can never
merge. As long as pairs are left it does not matter which are taken: every choice leaves equally
many places for the orders below. So if any arrangement avoids free buddies, a random one does.
"""

from __future__ import annotations

from random import Random

Stretch = tuple[int, int]
"""First PFN, and first PFN after it."""


def draw(rng: Random, population: int, count: int) -> list[int]:
    """Choose `count` of range(population), ascending, each subset equally likely.

    Uses nothing of the generator but random(), which Python promises to keep the same for a seed
    from release to release.
    """
    if count >= population:
        return list(range(population))
    random = rng.random
    if count * 4 < population:
        chosen: set[int] = set()
        while len(chosen) < count:
            chosen.add(int(random() * population))
        return sorted(chosen)
    picks = []
    wanted = count
    for index in range(population):
        if random() * (population - index) < wanted:
            picks.append(index)
            wanted -= 1
    return picks


def places(stretch: Stretch, order: int, *, paired: bool) -> int:
    """How many chunks of `order` the stretch can take, at most one a pair if `paired`."""
    first = -(-stretch[0] >> order)
    last = stretch[1] >> order
    if last <= first:
        return 0
    return ((last - 1) >> 1) - (first >> 1) + 1 if paired else last - first


def place(
    stretches: list[Stretch], order: int, count: int, rng: Random, *, paired: bool
) -> tuple[list[int], list[Stretch]]:
    """Place up to `count` chunks of `order` at random.

    Args:
        stretches: ascending, not overlapping.
        order: of the chunks.
        count: chunks to place; fewer are placed if there is no room for more.
        rng: where chance comes from.
        paired: place at most one chunk in each pair of buddies.

    Returns:
        The PFNs of the chunks, ascending, and the stretches that are left.
    """
    if count == 0:
        return [], stretches
    rooms = [places(stretch, order, paired=paired) for stretch in stretches]
    picks = draw(rng, sum(rooms), count)
    pfns: list[int] = []
    left: list[Stretch] = []
    at = base = 0
    for (start, end), room in zip(stretches, rooms, strict=True):
        base += room
        if at == len(picks) or picks[at] >= base:
            left.append((start, end))
            continue
        first = -(-start >> order)
        last = end >> order
        offset = (first >> 1 if paired else first) - (base - room)
        while at < len(picks) and picks[at] < base:
            node = picks[at] + offset
            if paired:
                node *= 2
                upper_fits = node + 1 < last
                if node < first or (upper_fits and rng.random() < 0.5):
                    node += 1
            pfn = node << order
            if pfn > start:
                left.append((start, pfn))
            pfns.append(pfn)
            start = pfn + (1 << order)
            at += 1
        if start < end:
            left.append((start, end))
    return pfns, left


def shuffled(rng: Random, pfns: list[int]) -> list[int]:
    """Put the PFNs in random order, again by random() alone."""
    keys = [(rng.random(), pfn) for pfn in pfns]
    keys.sort()
    return [pfn for _, pfn in keys]


def take_longest(stretches: list[Stretch], pages: int) -> tuple[list[Stretch], list[Stretch]]:
    """Take up to `pages` pages, whole stretches first, the longest first.

    Returns:
        What was taken and what is left, both ascending.
    """
    if pages == 0:
        return [], stretches
    taken: list[Stretch] = []
    left: list[Stretch] = []
    for start, end in sorted(stretches, key=lambda s: (s[0] - s[1], s[0])):
        size = min(pages, end - start)
        pages -= size
        if size:
            taken.append((end - size, end))
        if size < end - start:
            left.append((start, end - size))
    return sorted(taken), sorted(left)
