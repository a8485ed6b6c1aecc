"""The files a lab was laid out from, kept so that another of their zones can be run."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.problems import Problem
from backend.protocol.messages import Source
from backend.settings import Settings
from sim_core import Lab, LabConfig
from sim_core.importers import ProcCapture, ZoneLayout, layout, read_capture
from sim_core.models import ROWS, Custom, Row

File = tuple[str, bytes]
"""Name and contents."""


@dataclass(frozen=True)
class ImportSource:
    """One zone of imported files, and all that the files hold.

    Attributes:
        capture: everything read.
        node: the node of the zone that runs.
        zone: its name.
        laid: its layout.
        has_reserve: whether that has RESERVE blocks, or else HIGHATOMIC ones.
    """

    capture: ProcCapture
    node: int
    zone: str
    laid: ZoneLayout
    has_reserve: bool

    def suits(self, row: Row) -> bool:
        """Whether a model knows the types that the layout has."""
        return has_reserve(row) == self.has_reserve

    def again(self, row: Row, seed: int, settings: Settings) -> "ImportSource":
        """The same zone for another model: chunks where they were, under types it knows."""
        return lay_out(self.capture, self.node, self.zone, seed, settings, row)

    def lab(self, config: LabConfig) -> Lab:
        """A lab that runs the zone."""
        return Lab(config, self.laid, self.capture)

    def message(self) -> Source:
        """As `state` carries it."""
        return {
            "files": [source.name for source in self.capture.sources.values()],
            "zones": [
                {
                    "node": zone.node,
                    "zone": zone.name,
                    "runnable": zone.obstacle is None,
                    "obstacle": zone.obstacle,
                }
                for zone in self.capture.zones
            ],
            "node": self.node,
            "zone": self.zone,
            "notes": [*(note.text for note in self.capture.notes), *self.laid.notes],
        }


def read(files: Sequence[File], settings: Settings) -> ProcCapture:
    """The capture that these files are.

    Raises:
        InputError: a file is not what it should be.
    """
    return read_capture(files, max_bytes=settings.upload_bytes_max)


def has_reserve(row: Row) -> bool:
    """Whether a model keeps RESERVE blocks; one that does not knows HIGHATOMIC ones."""
    return row.columns()["reserve"] == 0


def lay_out(
    capture: ProcCapture,
    node: int | None,
    zone: str | None,
    seed: int,
    settings: Settings,
    row: Row | None = None,
) -> ImportSource:
    """One zone of a capture, laid out; without a choice, the runnable one with most free pages.

    Args:
        capture: all that was read.
        node, zone: which; None: any.
        seed: of the places.
        settings: its bounds.
        row: the model that will run it; None: that of the settings.

    Raises:
        Problem: no such zone, or one that cannot be run.
        InputError: its counts cannot be laid out.
    """
    matching = [
        z
        for z in capture.zones
        if (node is None or z.node == node) and (zone is None or z.name == zone)
    ]
    names = ", ".join(f"{z.node}/{z.name}" for z in capture.zones)
    if not matching:
        raise Problem(
            "invalid",
            f"The files have no zone {zone or 'of any name'} on node {node}.",
            field="zone",
            allowed=names,
        )
    runnable = [z for z in matching if z.obstacle is None]
    if not runnable:
        raise Problem("invalid", str(matching[0].obstacle), field="zone", allowed=names)
    chosen = max(runnable, key=lambda z: z.free_pages)
    reserve = has_reserve(row or ROWS[settings.model])
    laid = layout(
        capture,
        chosen.node,
        chosen.name,
        seed=seed,
        has_reserve=reserve,
        has_highatomic=not reserve,
        page_limit=settings.import_pages_max,
    )
    return ImportSource(capture, chosen.node, chosen.name, laid, reserve)


def config_for(
    source: ImportSource, model: str | Custom, seed: int, settings: Settings
) -> LabConfig:
    """The configuration of a lab that runs the source's zone.

    Raises:
        ConfigError: the model is unknown.
    """
    laid = source.laid
    high, batch = laid.pcp or (None, None)
    return LabConfig(
        zone=source.zone,
        start_pfn=laid.start_pfn,
        spanned_pages=laid.spanned_pages,
        pageblock_order=laid.pageblock_order,
        max_order=laid.max_order,
        pcp_high=high,
        pcp_batch=batch,
        holes=laid.holes,
        model=model if isinstance(model, Custom) else known_model(model),
        seed=seed,
        log_bytes=settings.log_bytes,
    ).validated()


def known_model(name: str) -> str:
    """The name, if a model is called so.

    Raises:
        Problem: `invalid`, naming those there are.
    """
    if name not in ROWS:
        raise Problem(
            "invalid", f"No model is called {name!r}.", field="model", allowed=", ".join(ROWS)
        )
    return name
