"""A running zone that came from no file, as its kernel with CMA would print it."""

from collections.abc import Sequence

from sim_core.exporters.proc import LiveZone, TypeRows, render_buddyinfo, render_pagetypeinfo
from sim_core.vocabulary import PROC_NAMES, Migratetype, migratetype_id


def render_live(
    form: str,
    live: LiveZone,
    pageblock_order: int,
    max_order: int,
    migratetypes: Sequence[Migratetype],
) -> str:
    """One zone as /proc/pagetypeinfo or /proc/buddyinfo.

    Args:
        form: "pagetypeinfo" or "buddyinfo".
        migratetypes: those of the kernel, in its order.
    """
    if form == "buddyinfo":
        return render_buddyinfo([(live.node, live.name, live.nr_free)])
    ids = {PROC_NAMES[name]: migratetype_id(name) for name in migratetypes}
    rows = TypeRows(
        live.node,
        live.name,
        {name: [str(n) for n in live.lists[mt]] for name, mt in ids.items()},
        {name: live.blocks.get(mt, 0) for name, mt in ids.items()},
    )
    return render_pagetypeinfo(pageblock_order, max_order, list(ids), [rows])
