"""The floors of the project, declared once: who may know whom.

Each table lists rows from the ground up. A unit may use the rows below its own and the units to
its left in its own row; never what is to its right or above.
"""

from dataclasses import dataclass

Rows = tuple[tuple[str, ...], ...]

# Python modules; a unit is a module or a package with all that is in it.
PYTHON: Rows = (
    ("sim_core.errors", "sim_core.vocabulary"),
    ("sim_core.models",),
    ("sim_core.config", "sim_core.workloads"),
    ("sim_core.mm",),
    ("sim_core.importers", "sim_core.exporters"),
    (
        "sim_core.outcome",
        "sim_core.journal",
        "sim_core.lognames",
        "sim_core.deciding",
        "sim_core.narration",
        "sim_core.placed",
        "sim_core.subjects",
        "sim_core.preview",
        "sim_core.asking",
        "sim_core.building",
        "sim_core.timeline",
        "sim_core.actwords",
        "sim_core.predicates",
    ),
    ("sim_core.reading",),
    ("sim_core.running",),
    ("sim_core.travelling",),
    ("sim_core.breaking",),
    ("sim_core.explaining",),
    ("sim_core.reclaiming",),
    ("sim_core.lab",),
    ("sim_core.packed", "sim_core.kept"),
    ("sim_core.conformance", "sim_core.hunt"),
    ("sim_core",),
    ("backend",),
    ("backend.settings", "backend.problems", "backend.logs"),
    ("backend.protocol",),
    ("backend.scenarios", "backend.keeping"),
    ("backend.sessions",),
    ("backend.routes",),
    ("backend.app", "backend.bounded"),
    ("backend.serving",),
    ("backend.cli",),
    ("backend.__main__",),
)

# Packages that are a unit only by their __init__: what is inside has rows of its own.
OPEN_PACKAGES = ("sim_core", "backend")

# The .pxd files of sim_core/mm and the units that compile them.
MM: Rows = (
    ("builtin", "log", "moment", "policy"),
    ("page",),
    ("zone", "memory", "handles"),
    ("stamp", "account", "digest"),
    ("freelist",),
    ("buddy",),
    ("watermark", "free", "fallback", "highatomic"),
    ("rmqueue", "take"),
    ("pcp", "pcporders", "page_alloc"),
    ("pcpsizes", "reserve", "fragmentation"),
    ("sizes", "straddle", "zonelist"),
    ("boot", "isolate", "inuse"),
    ("reclaim", "kswapd", "oom", "request"),
    ("hotplug", "contig"),
    (
        "check",
        "reach",
        "transit",
        "changes",
        "drift",
        "undo",
        "ledger",
        "operation",
        "picture",
        "keyframe",
        "frame",
        "derived",
        "leaf",
        "predicate",
        "search",
    ),
    ("turn",),
    ("churn", "pagecache", "slab", "hugepages", "cycler", "cma"),
    ("pressure", "forkstorm", "atomicbursts"),
    ("workload", "batch"),
    ("_ground",),
    ("_mm",),
    ("_read", "_frames", "_place", "_sizes", "_travel", "_predicate", "_unlogged", "_logged"),
    ("_search", "_why"),
)


@dataclass(frozen=True)
class Ban:
    """Modules under `who` may not import modules under `whom`, but for those under `save`.

    An open package may be saved too: that is its __init__ alone.
    """

    who: str
    whom: str
    save: tuple[str, ...] = ()


# The service sees the simulator by its face alone.
FACE = (
    "sim_core",
    "sim_core.conformance",
    "sim_core.config",
    "sim_core.errors",
    "sim_core.exporters",
    "sim_core.hunt",
    "sim_core.importers",
    "sim_core.journal",
    "sim_core.kept",
    "sim_core.lab",
    "sim_core.models",
    "sim_core.packed",
    "sim_core.predicates",
    "sim_core.vocabulary",
    "sim_core.workloads",
)

PYTHON_BANS = (
    Ban("backend", "sim_core", save=FACE),
    Ban("sim_core.importers", "sim_core.mm"),
    Ban("sim_core.exporters", "sim_core.mm"),
    # The reference says the same thing in other words, so it may not look at the first telling.
    Ban("tests.reference", "sim_core"),
    Ban("tests.reference", "backend"),
    *(
        Ban("sim_core", net)
        for net in ("asyncio", "http", "plotly", "fastapi", "socket", "ssl", "urllib", "websockets")
    ),
    *(
        Ban(f"sim_core.{unit}", "json")
        for unit in ("config", "errors", "mm", "models", "timeline", "vocabulary")
    ),
)

# frontend/js: folder or file -> the folders and files that it may not import.
FRONTEND_BANS: dict[str, tuple[str, ...]] = {
    "views": ("net", "views", "main.js"),
    "state": ("draw", "views", "net", "actions.js", "main.js"),
    "draw": ("views", "net", "actions.js", "main.js"),
    "net": ("views", "draw", "actions.js", "main.js"),
    "actions.js": ("views", "draw", "main.js"),
    "arrival.js": ("views", "draw", "net", "main.js"),
    "closewatch.js": ("views", "draw", "net", "actions.js", "main.js"),
    "pageswatch.js": ("views", "draw", "net", "actions.js", "main.js"),
    "zonewatch.js": ("views", "draw", "net", "actions.js", "main.js"),
}

# Only these write what is theirs; everybody else calls their functions. Counters are arrays.
COUNTERS = ("nr_free", "stat", "block_free", "watermark")
COUNTER_WRITERS = ("account",)
LINKS = ("next", "prev")
# page.pxd keeps an allocated head's handle in its idle link words.
LINK_WRITERS = ("freelist", "page")
