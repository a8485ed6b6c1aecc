"""Every file of the project imports only what lies below it."""

from pathlib import Path

import pytest

from tests.tidy import rules
from tests.tidy.sources import ROOT


@pytest.mark.parametrize(
    "rule",
    [
        rules.python_floors,
        rules.python_cycles,
        rules.mm_floors,
        rules.counter_writers,
        rules.link_writers,
        rules.page_fields,
        rules.frontend_floors,
    ],
)
def test_the_project_keeps_the_rule(rule: rules.Rule) -> None:
    assert rule(ROOT) == []


def plant(root: Path, files: dict[str, str]) -> Path:
    """A tree with the project's folders and the given files."""
    for folder in ("sim_core/mm", "backend/routes", "frontend/js", "tests/reference"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


LAB = {"sim_core/lab.py": "", "sim_core/mm/_mm.pyx": "", "sim_core/errors.py": ""}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sim_core/errors.py", "from sim_core.lab import Lab"),
        ("sim_core/errors.py", "from .lab import Lab"),
        ("sim_core/models/v.py", "def late():\n    from sim_core import lab"),
        ("sim_core/importers/a.py", "import sim_core.mm._mm"),
        ("sim_core/lab.py", "import asyncio"),
        ("sim_core/lab.py", "import backend.app"),
        ("sim_core/vocabulary.py", "from json import dumps"),
        ("backend/app.py", "from sim_core.mm import _mm"),
        ("backend/app.py", "from sim_core.timeline import Timeline"),
        ("backend/protocol/frames.py", "from backend.sessions import registry"),
        ("backend/sessions/a.py", "from ..routes import ws"),
        ("backend/somewhere.py", ""),
        ("sim_core/mm/_mm.pyx", "from sim_core.lab import Lab"),
        ("tests/reference/zone.py", "from sim_core import vocabulary"),
    ],
)
def test_an_import_that_goes_up_is_found(tmp_path: Path, name: str, text: str) -> None:
    breaches = rules.python_floors(plant(tmp_path, LAB | {name: text}))
    assert len(breaches) == 1
    assert name in breaches[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sim_core/lab.py", "from sim_core.mm._mm import Zone\nfrom sim_core import errors"),
        ("sim_core/mm/_mm.pyx", "from sim_core.errors import InputError"),
        ("backend/sessions/a.py", "from sim_core import lab\nfrom backend.protocol import frames"),
        ("backend/sessions/b.py", "from .a import Session"),
        ("backend/sessions/b.py", "from sim_core import Lab"),
        ("backend/routes/ws.py", "import asyncio, json"),
        ("sim_core/importers/state.py", "import json"),
    ],
)
def test_an_import_that_goes_down_is_let_be(tmp_path: Path, name: str, text: str) -> None:
    assert rules.python_floors(plant(tmp_path, LAB | {name: text})) == []


def test_a_ring_of_modules_is_found(tmp_path: Path) -> None:
    ring = {
        "backend/sessions/a.py": "from backend.sessions.b import B",
        "backend/sessions/b.py": "from backend.sessions import a",
        "backend/sessions/c.py": "def late():\n    from backend.sessions import c",
    }
    assert rules.python_cycles(plant(tmp_path, ring)) == [
        "backend.sessions.a -> backend.sessions.b -> backend.sessions.a"
    ]


@pytest.mark.parametrize(
    ("stem", "text", "count"),
    [
        ("page", "from sim_core.mm.freelist cimport link", 1),
        ("page", "from .freelist cimport (\n    link,\n    unlink,\n)", 1),
        ("isolate", "from sim_core.mm cimport hotplug", 1),
        ("hotplug", "from sim_core.mm cimport isolate", 0),
        ("hotplug", "from libc.stdint cimport uint32_t", 0),
        ("_mm", "from sim_core.mm.check cimport walk", 0),
        ("elsewhere", "", 1),
    ],
)
def test_a_cimport_that_goes_up_is_found(tmp_path: Path, stem: str, text: str, count: int) -> None:
    mm = {f"sim_core/mm/{name}.pxd": "" for name in ("freelist", "hotplug", "isolate", "check")}
    suffix = "pyx" if stem == "_mm" else "pxd"
    tree = plant(tmp_path, mm | {f"sim_core/mm/{stem}.{suffix}": text})
    assert len(rules.mm_floors(tree)) == count


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("z.nr_free[order] += 1", 1),
        ("z.nr_free[order + at[0]] = 0", 1),
        ("z.block_free = take(blocks)", 0),
        ("z.stat[NR_FREE_PAGES] -= n", 1),
        ("z.watermark[0] = was  # put back", 1),
        ("if z.nr_free[order] == 0: pass", 0),
        ("cdef int64_t nr_free = z.nr_free[order]", 0),
        ("# z.nr_free[order] += 1", 0),
        ("add_free(z, order, 1)", 0),
    ],
)
def test_a_counter_written_elsewhere_is_found(tmp_path: Path, line: str, count: int) -> None:
    tree = plant(tmp_path, {"sim_core/mm/buddy.pxd": f"cdef f():\n    {line}\n"})
    assert len(rules.counter_writers(tree)) == count
    account = plant(tmp_path / "b", {"sim_core/mm/account.pxd": f"cdef f():\n    {line}\n"})
    assert rules.counter_writers(account) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("m.link[pfn].next = other", 1),
        ("head.prev = NONE", 1),
        ("cdef uint32_t next = first", 0),
        ("next = following(m, pfn)", 0),
    ],
)
def test_a_link_written_elsewhere_is_found(tmp_path: Path, line: str, count: int) -> None:
    tree = plant(tmp_path, {"sim_core/mm/buddy.pxd": f"cdef f():\n    {line}\n"})
    assert len(rules.link_writers(tree)) == count
    freelist = plant(tmp_path / "b", {"sim_core/mm/freelist.pxd": f"cdef f():\n    {line}\n"})
    assert rules.link_writers(freelist) == []


def test_a_field_of_the_page_record_named_elsewhere_is_found(tmp_path: Path) -> None:
    page = (
        "ctypedef struct pages_t:\n    uint8_t *state  # order, kind\n    unsigned block_order\n\n"
        "cdef inline int kind(pages_t *pages, int i) noexcept nogil:\n    return pages.state[i]\n"
    )
    buddy = (
        "cdef f(zone_t *z):\n    z.pages.state[0] = 1\n    kind(&z.pages, z.pages.block_order)\n"
    )
    tree = plant(tmp_path, {"sim_core/mm/page.pxd": page, "sim_core/mm/buddy.pxd": buddy})
    assert rules.page_fields(tree) == ["sim_core/mm/buddy.pxd:2 names state, a field of page.pxd"]
    unit = "z.pages.state = take(nr)\nfree(z.pages.state)\nz.pages.state[0] = 0\n"
    tree = plant(tmp_path, {"sim_core/mm/buddy.pxd": "", "sim_core/mm/_ground.pyx": unit})
    assert rules.page_fields(tree) == ["sim_core/mm/_ground.pyx:3 names state, a field of page.pxd"]


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("views/map.js", 'import { send } from "../net/client.js";', 1),
        ("views/map.js", 'import {\n  a,\n  b\n} from "./ledger.js";', 1),
        ("views/map.js", 'const m = await import("./ledger.js");', 1),
        (
            "views/map/pick.js",
            'import "./zoom.js";\nexport { hatch } from "../../draw/hatch.js";',
            0,
        ),
        ("views/map.js", '// import "./ledger.js"\nimport * as h from "../draw/hatch.js";', 0),
        ("state/zone.js", 'import { hatch } from "../draw/hatch.js";', 1),
        ("draw/hatch.js", 'import Plotly from "plotly.js";', 1),
        ("draw/hatch.js", 'import x from "https://example.org/x.js";', 1),
        ("draw/hatch.js", 'import x from "./missing.js";', 1),
        ("main.js", 'import "./net/client.js";\nimport "./views/ledger.js";', 0),
    ],
)
def test_a_module_of_the_page_that_looks_up_is_found(
    tmp_path: Path, name: str, text: str, count: int
) -> None:
    page = ("net/client.js", "views/ledger.js", "views/map/zoom.js", "draw/hatch.js")
    tree = {f"frontend/js/{module}": "" for module in page}
    assert (
        len(rules.frontend_floors(plant(tmp_path, tree | {f"frontend/js/{name}": text}))) == count
    )
