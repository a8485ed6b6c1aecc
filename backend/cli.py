"""The `zonescope` command. stdout is data, stderr is talk.

Exit codes: 0 well, 1 an identity or expectation broken, 2 bad usage or input, 130 interrupted.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from backend.problems import Problem
from backend.scenarios import SCENARIOS, Performance
from backend.sessions.source import ImportSource, config_for, lay_out
from backend.settings import LOG_LEVELS, Settings, SettingsError, load
from sim_core.config import LabConfig
from sim_core.conformance import run_file
from sim_core.errors import SimError
from sim_core.exporters import export_buddyinfo, export_pagetypeinfo
from sim_core.importers import ProcCapture, from_json, read_capture
from sim_core.importers import to_json as capture_to_json
from sim_core.models import DEFAULT, ROWS, to_json

WELL: Final = 0
BROKEN: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
_FORMATS: Final = ("pagetypeinfo", "buddyinfo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    parser = _parser()
    options, words = parser.parse_known_args(arguments)
    if options.run is _bench:
        options.words = words
    elif words:
        parser.error(f"unrecognized arguments: {' '.join(words)}")
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read stdout has enough; Python must not complain at exit.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115
        return WELL
    except (SettingsError, SimError, Problem, OSError) as error:
        print(f"zonescope: {_sentence(error)}", file=sys.stderr)
        return BAD_INPUT
    return code


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    allowed = getattr(error, "extra", {}).get("allowed") or getattr(error, "allowed", None)
    return f"{error} Allowed: {allowed}." if allowed else str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zonescope", description="A memory zone's buddy free lists, live and exact."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="serve the page")
    command.add_argument(
        "--from",
        dest="files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="pagetypeinfo [buddyinfo] [zoneinfo] of a real kernel",
    )
    command.add_argument("--node", type=int, help="with --from: the node to run")
    command.add_argument("--zone", help="with --from: the zone to run")
    command.add_argument("--host", help="address to listen on (127.0.0.1)")
    command.add_argument("--port", type=int, help="port to listen on (8000; 0: a free one)")
    command.add_argument(
        "--allow-host",
        action="append",
        metavar="NAME",
        help="a name browsers may reach the service by",
    )
    command.add_argument(
        "--store", metavar="FILE", help="where named sessions are kept (off: nowhere)"
    )
    command.add_argument("--root-path", help="path that a proxy puts in front")
    command.add_argument("--log-level", choices=LOG_LEVELS)
    command.add_argument(
        "--no-browser",
        dest="browser",
        action="store_false",
        default=None,
        help="do not open the page",
    )
    command.add_argument("-s", "--seed", type=int, help="of the default lab")
    command.add_argument("--model", choices=tuple(ROWS), help="of the default lab")
    command.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    command.set_defaults(run=_serve)

    command = commands.add_parser("conform", help="replay golden vectors and compare every field")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument("--json", action="store_true", help="one JSON object a file")
    command.set_defaults(run=_conform)

    # Its own words, --help too, are read where it is.
    command = commands.add_parser(
        "bench", help="measure the core, as ratios in one run", add_help=False
    )
    command.set_defaults(run=_bench)

    command = commands.add_parser("import", help="read a kernel's /proc files into one state file")
    command.add_argument("files", nargs="+", type=Path, metavar="FILE")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="STATE.json")
    command.set_defaults(run=_import)

    command = commands.add_parser("export", help="write /proc files from a state or a session")
    command.add_argument(
        "sources",
        nargs="+",
        metavar="STATE|SESSION",
        help="a state file, or the id of a session that is being served",
    )
    command.add_argument("--format", choices=_FORMATS, help="default: by the output's name")
    command.add_argument("-o", "--output", type=Path, metavar="OUT", help="default: stdout")
    command.add_argument("--host", default=Settings.host)
    command.add_argument("--port", type=int, default=Settings.port)
    command.set_defaults(run=_export)

    command = commands.add_parser("models", help="list the accounting models")
    command.add_argument("--json", action="store_true", help="every cell with source and reason")
    command.set_defaults(run=_models)

    command = commands.add_parser("scenarios", help="list the demonstrations and their sizes")
    command.set_defaults(run=_scenarios)

    command = commands.add_parser("run", help="tell a demonstration: the books after each step")
    command.add_argument("scenario", choices=tuple(SCENARIOS), metavar="SCENARIO")
    command.add_argument("--geometry", metavar="SIZE", help="as `scenarios` lists them")
    command.add_argument("--model", choices=tuple(ROWS), default=DEFAULT)
    command.add_argument("-s", "--seed", type=int, default=1)
    command.add_argument("--json", action="store_true", help="one JSON object a step")
    command.set_defaults(run=_run)

    command = commands.add_parser("check", help="check all identities of a state")
    command.add_argument("state", type=Path, metavar="STATE")
    command.add_argument("--node", type=int)
    command.add_argument("--zone")
    command.add_argument("--model", choices=tuple(ROWS), default=DEFAULT)
    command.add_argument("-s", "--seed", type=int, default=1)
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=_check)
    return parser


def _serve(options: argparse.Namespace) -> int:
    names = ("host", "port", "store", "root_path", "log_level", "browser", "seed", "model")
    flags: dict[str, Any] = {name: getattr(options, name) for name in names}
    flags["allow_host"] = tuple(options.allow_host) if options.allow_host else None
    settings = load(flags, file=options.config)
    source: ImportSource | None = None
    if options.files:
        capture = _read(options.files, settings.upload_bytes_max)
        source = lay_out(capture, options.node, options.zone, settings.seed, settings)
        for sentence in source.message()["notes"]:
            print(f"zonescope: {sentence}", file=sys.stderr)
    # The web libraries take longer to load than most other commands take to run.
    from backend.serving import serve

    return INTERRUPTED if serve(settings, source) else WELL


def _read(paths: Sequence[Path], bytes_max: int) -> ProcCapture:
    """A capture from /proc files, or from one state file."""
    files = [(str(path), _bytes(path, bytes_max)) for path in paths]
    if len(files) == 1 and files[0][1].lstrip()[:1] == b"{":
        return from_json(*files[0])
    return read_capture(files, max_bytes=bytes_max)


def _bytes(path: Path, most: int) -> bytes:
    """A file's contents, one byte more than allowed at most: whoever parses it refuses that."""
    with path.open("rb") as file:
        return file.read(4 * most + 1)


def _conform(options: argparse.Namespace) -> int:
    vectors = operations = mismatches = 0
    for path in options.files:
        report = run_file(path)
        vectors += 1
        operations += report.operations
        mismatches += len(report.mismatches)
        if options.json:
            print(json.dumps(asdict(report)))
            continue
        if report.mismatches:
            print(f"{report.path} ({report.model}):")
        for one in report.mismatches:
            print(
                f"  operation {one.operation}, {one.field}: expected {one.expected}, got {one.got}"
            )
    total = f"{vectors} vectors, {operations} operations, {mismatches} mismatches"
    print(total, file=sys.stderr if options.json else sys.stdout)
    return BROKEN if mismatches else WELL


def _import(options: argparse.Namespace) -> int:
    capture = _read(options.files, Settings.upload_bytes_max)
    options.output.write_text(capture_to_json(capture), encoding="utf-8")
    for note in capture.notes:
        print(f"zonescope: {note.text}", file=sys.stderr)
    zones = ", ".join(f"{zone.node}/{zone.name}" for zone in capture.zones)
    print(f"zonescope: {options.output}: {zones}", file=sys.stderr)
    return WELL


def _export(options: argparse.Namespace) -> int:
    form = options.format or _format_of(options.output)
    texts = [_exported(name, form, options) for name in options.sources]
    if options.output is None:
        sys.stdout.write("".join(texts))
    else:
        options.output.write_bytes("".join(texts).encode())
    return WELL


def _format_of(output: Path | None) -> str:
    for form in _FORMATS:
        if output is not None and form in output.name:
            return form
    raise SettingsError(f"Say which with --format: {' or '.join(_FORMATS)}.")


def _exported(name: str, form: str, options: argparse.Namespace) -> str:
    path = Path(name)
    if path.exists():
        capture = _read([path], Settings.upload_bytes_max)
        return (export_pagetypeinfo if form == "pagetypeinfo" else export_buddyinfo)(capture)
    address = f"http://{options.host}:{options.port}/api/v1/sessions/{name}/exports/{form}"
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        detail = json.loads(error.read()).get("detail", error.reason)
        raise SettingsError(f"{address}: {detail}") from error
    except (urllib.error.URLError, ValueError) as error:
        raise SettingsError(
            f"{name} is no file, and no session of that id is served at "
            f"{options.host}, port {options.port}."
        ) from error


def _bench(options: argparse.Namespace) -> int:
    # What measures is nothing that serving needs.
    from benchmarks.__main__ import main as measure

    return measure(options.words)


def _models(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([to_json(row) for row in ROWS.values()], indent=1))
        return WELL
    for row in ROWS.values():
        print(f"{row.name:12} {row.title}. {row.summary} Aims at {', '.join(row.aims)}.")
    return WELL


def _scenarios(options: argparse.Namespace) -> int:
    for name, scenario in SCENARIOS.items():
        sizes = ", ".join(f"{size} ({g.title})" for size, g in scenario.geometry.items())
        print(f"{name:22} {scenario.title}. {scenario.question} Sizes: {sizes}.")
    return WELL


def _run(options: argparse.Namespace) -> int:
    scenario = SCENARIOS[options.scenario]
    size = options.geometry or next(iter(scenario.geometry))
    if size not in scenario.geometry:
        allowed = ", ".join(scenario.geometry)
        raise SettingsError(f"{options.scenario} is not told in {size!r}. Allowed: {allowed}.")
    like = LabConfig(model=options.model, seed=options.seed).validated()
    performance = Performance(options.scenario, scenario, size, like)
    while not performance.over:
        performance.step()
    told = ["The zone as the story finds it.", *(step.say for step in performance.steps)]
    # A kernel BUG may have ended it before its last step.
    for step, (sentence, result) in enumerate(zip(told, performance.results, strict=False)):
        if options.json:
            print(json.dumps({"step": step, "say": sentence, **result.told()}))
            continue
        print(f"{step}. {sentence}")
        differs = "" if result.nr_free == result.listed else f", lists {_row(result.listed)}"
        print(
            f"   operation {result.op}: NR_FREE_PAGES {result.nr_free_pages}, "
            f"usable {result.usable}, nr_free {_row(result.nr_free)}{differs}"
        )
        for one in result.broke:
            place = "" if one["order"] is None else f" at order {one['order']}"
            numbers = f"expected {one['expected']}, got {one['got']}"
            print(f"   {one['identity']} broke at operation {one['op']}{place}: {numbers}")
        if result.node is not None:
            print(f"   {_node_words(result.node)}")
        if result.refused:
            print(f"   refused: {result.refused}")
        elif result.node is not None and result.words:
            print(f"   {result.words}")
    return BROKEN if any(result.broke for result in performance.results) else WELL


def _node_words(node: dict[str, Any]) -> str:
    zones = [
        f"{zone['zone']} counts {zone['nr_free_pages']} free and can give {zone['usable']}"
        for zone in node["zones"]
    ]
    kswapd = "awake" if node["kswapd_awake"] else "asleep"
    return f"{', '.join(zones)}; kswapd is {kswapd}; {node['oom_kills']} processes killed"


def _row(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))


def _check(options: argparse.Namespace) -> int:
    settings = Settings()
    capture = _read([options.state], settings.upload_bytes_max)
    row = ROWS[options.model]
    source = lay_out(capture, options.node, options.zone, options.seed, settings, row)
    lab = source.lab(config_for(source, options.model, options.seed, settings))
    verdicts = lab.check()
    if options.json:
        print(json.dumps([asdict(verdict) for verdict in verdicts], indent=1))
    else:
        for verdict in verdicts:
            because = f": {verdict.because}" if verdict.because else ""
            print(f"{verdict.identity:4} {verdict.verdict}{because}")
    return BROKEN if any(verdict.verdict == "broken" for verdict in verdicts) else WELL
