"""Running zones that came from no file, as their kernel with CMA would print them."""

from collections.abc import Sequence

from sim_core.exporters.proc import LiveZone, TypeRows, render_buddyinfo, render_pagetypeinfo
from sim_core.vocabulary import PROC_NAMES, Migratetype, migratetype_id


def render_live(
    form: str,
    live: Sequence[LiveZone],
    pageblock_order: int,
    max_order: int,
    migratetypes: Sequence[Migratetype],
) -> str:
    """The zones of a node, lowest first, as /proc/pagetypeinfo or /proc/buddyinfo.

    Args:
        form: "pagetypeinfo" or "buddyinfo".
        migratetypes: those of the kernel, in its order.
    """
    if form == "buddyinfo":
        return render_buddyinfo([(zone.node, zone.name, zone.nr_free) for zone in live])
    ids = {PROC_NAMES[name]: migratetype_id(name) for name in migratetypes}
    rows = [
        TypeRows(
            zone.node,
            zone.name,
            {name: [str(n) for n in zone.lists[mt]] for name, mt in ids.items()},
            {name: zone.blocks.get(mt, 0) for name, mt in ids.items()},
        )
        for zone in live
    ]
    return render_pagetypeinfo(pageblock_order, max_order, list(ids), rows)
