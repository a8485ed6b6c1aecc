"""Golden files recorded from real kernel functions: replayed, or worked out again, and compared.

A file is JSON Lines, plain or gzip-compressed, its first line a header that names the format.
"""

from pathlib import Path
from typing import Final

from sim_core.conformance import watermarktable, zonevector
from sim_core.conformance.report import FileReport, Mismatch, read_lines
from sim_core.errors import ConfigError, InputError

__all__ = ["FileReport", "Mismatch", "run_file"]

_FORMATS: Final = {
    "zone-vector/1": zonevector.replay,
    "zone-watermark/1": watermarktable.work_out,
}


def run_file(path: str | Path) -> FileReport:
    """Compare one file with what the core does.

    Raises:
        InputError: none of the formats, or of a model that is not here.
    """
    report = FileReport(str(path), "")
    lines = read_lines(Path(path))
    header = next(lines, {})
    run = _FORMATS.get(str(header.get("format")))
    if run is None:
        formats = " or ".join(f'"{name}"' for name in _FORMATS)
        raise InputError(str(path), 1, f'a header with "format": {formats}', repr(header)[:60])
    try:
        run(report, lines, header)
    except (ArithmeticError, ConfigError, LookupError, TypeError, ValueError) as error:
        raise InputError(
            str(path),
            report.operations + 1,
            "every field of the format, each in its bounds",
            f"{type(error).__name__}: {error}",
        ) from error
    return report
