"""A running zone that came from no file, as a 3.5 kernel with CMA would print it."""

from typing import Final

from sim_core.exporters.proc import LiveZone, TypeRows, render_buddyinfo, render_pagetypeinfo
from sim_core.importers.pagetypeinfo import TYPE_NAMES
from sim_core.vocabulary import MIGRATETYPES

_TYPES: Final = tuple(i for i, name in enumerate(MIGRATETYPES) if name != "HIGHATOMIC")


def render_live(form: str, live: LiveZone, pageblock_order: int, max_order: int) -> str:
    """One zone as /proc/pagetypeinfo or /proc/buddyinfo.

    Args:
        form: "pagetypeinfo" or "buddyinfo".
    """
    if form == "buddyinfo":
        return render_buddyinfo([(live.node, live.name, live.nr_free)])
    rows = TypeRows(
        live.node,
        live.name,
        {TYPE_NAMES[mt]: [str(n) for n in live.lists[mt]] for mt in _TYPES},
        {TYPE_NAMES[mt]: live.blocks.get(mt, 0) for mt in _TYPES},
    )
    return render_pagetypeinfo(
        pageblock_order, max_order, [TYPE_NAMES[mt] for mt in _TYPES], [rows]
    )
