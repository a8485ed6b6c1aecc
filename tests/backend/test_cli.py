"""The `zonescope` command as a person or a script runs it: output, exit codes, signals."""

import gzip
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.backend.client import Client
from tests.backend.service import WAIT_S
from tests.fixtures.proc.files import HERE, contents

VECTORS = Path(__file__).parents[1] / "vectors"
COMMAND = (sys.executable, "-m", "backend")


def zonescope(*arguments: object) -> "subprocess.CompletedProcess[str]":
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def serving(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A served process and the link that it prints."""
    words = [*COMMAND, "serve", "--no-browser", "--port", "0", *arguments]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        link = ""
        while "http://" not in link:
            link = process.stderr.readline()
            assert link or process.poll() is None, "it ended"
        yield process, link.split()[1]
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


def _up(link: str) -> httpx.Response:
    """Its /healthz, once it answers."""
    base, _, query = link.partition("?")
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return httpx.get(f"{base}healthz?{query}", timeout=WAIT_S)
        except httpx.ConnectError:
            assert time.monotonic() < deadline


def test_conform_counts_vectors_and_operations() -> None:
    files = sorted((VECTORS / "v3.5").glob("hand_*"))[:3]
    run = zonescope("conform", *files)
    assert run.returncode == 0
    words = run.stdout.splitlines()[-1].split()
    assert words[0] == "3"
    assert int(words[2]) > 3
    assert run.stdout.endswith(" operations, 0 mismatches\n")


def test_conform_names_file_operation_field_expected_and_got(tmp_path: Path) -> None:
    whole = sorted((VECTORS / "v3.5").glob("hand_*"))[0]
    lines = gzip.decompress(whole.read_bytes()).decode().splitlines()
    call = json.loads(lines[3])
    wrong = call["nr_free_pages"] + 5
    lines[3] = json.dumps({**call, "nr_free_pages": wrong})
    plain = tmp_path / "altered.jsonl"
    plain.write_text("\n".join(lines) + "\n")
    run = zonescope("conform", plain, whole)
    assert run.returncode == 1
    assert str(plain) in run.stdout
    assert str(whole) not in run.stdout
    assert f"operation 3, nr_free_pages: expected {wrong}, got {wrong - 5}" in run.stdout
    assert run.stdout.splitlines()[-1].startswith("2 vectors, ")
    assert run.stdout.endswith(" 1 mismatches\n")
    machine = zonescope("conform", "--json", plain)
    assert machine.returncode == 1
    assert json.loads(machine.stdout)["mismatches"][0]["field"] == "nr_free_pages"


def test_import_then_export_is_the_identity(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    folder = HERE / "6.1-frag"
    run = zonescope("import", folder / "pagetypeinfo", folder / "buddyinfo", "-o", state)
    assert (run.returncode, run.stdout) == (0, "")
    assert "0/DMA32" in run.stderr
    out = zonescope("export", state, "--format", "pagetypeinfo")
    assert out.stdout.encode() == contents("6.1-frag", "pagetypeinfo")
    file = tmp_path / "my-buddyinfo.txt"
    assert zonescope("export", state, "-o", file).returncode == 0
    assert file.read_bytes() == contents("6.1-frag", "buddyinfo")


def test_check_of_a_state_judges_every_identity(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    zonescope("import", HERE / "6.1-idle" / "pagetypeinfo", "-o", state)
    run = zonescope("check", state, "--json")
    verdicts = {v["identity"]: v["verdict"] for v in json.loads(run.stdout)}
    assert run.returncode == 0
    assert verdicts["I1"] == "holds"
    assert "I1   holds" in zonescope("check", state).stdout


def test_models_are_listed_for_people_and_for_programs() -> None:
    names = {row["name"] for row in json.loads(zonescope("models", "--json").stdout)}
    assert {"v3.5", "minchan-v1", "minchan-v2"} <= names
    text = zonescope("models").stdout
    assert all(name in text for name in names)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "COMMAND"),
        (("fly",), "fly"),
        (("conform", "/no/such/file"), "/no/such/file"),
        (("conform", __file__), ":1"),
        (("import", __file__, "-o", "/dev/null"), "pagetypeinfo"),
        (("import", "/no/such/file", "-o", "/dev/null"), "/no/such/file"),
        (("check", "/no/such/file"), "/no/such/file"),
        (("check", HERE / "6.1-idle" / "pagetypeinfo", "--zone", "Nowhere"), "0/DMA32"),
        (("export", HERE / "6.1-idle" / "pagetypeinfo", "-o", "/dev/null"), "--format"),
        (("export", "nowhere", "--format", "buddyinfo", "--port", "9"), "no file"),
        (("serve", "--from", __file__), "pagetypeinfo"),
        (("serve", "--host", "0.0.0.0"), "--allow-host"),
        (("serve", "--host", "192.0.2.1", "--allow-host", "x"), "--port"),
        (("serve", "--port", "99999"), "port"),
        (("serve", "--model", "v9"), "--model"),
        (("serve", "--config", "/no/such/file"), "--config"),
        (("serve", "--seed", "-1"), "seed"),
        (("serve", "--port", "0", "--store", "/proc/none.sqlite"), "/proc/none.sqlite"),
    ],
)
def test_bad_usage_and_input_exit_with_2_and_say_why(
    arguments: tuple[object, ...], said: str
) -> None:
    run = zonescope(*arguments)
    assert run.returncode == 2, run.stderr
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_a_port_in_use_names_the_flag() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = zonescope("serve", "--no-browser", "--port", taken.getsockname()[1])
    assert run.returncode == 2
    assert "--port" in run.stderr


def test_an_imported_zone_is_served_and_exported_from_the_session() -> None:
    folder = HERE / "6.1-idle"
    with serving("--from", str(folder / "pagetypeinfo"), str(folder / "buddyinfo")) as (_, link):
        assert _up(link).json()["status"] == "ok"
        port = link.rstrip("/").rpartition(":")[2]
        run = zonescope("export", "default", "--format", "pagetypeinfo", "--port", port)
        gone = zonescope("export", "nowhere", "--format", "buddyinfo", "--port", port)
    assert run.stdout.encode() == contents("6.1-idle", "pagetypeinfo")
    assert gone.returncode == 2
    assert "nowhere" in gone.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_closes_the_sockets_with_their_code_and_ends_it(number: int, code: int) -> None:
    with serving() as (process, link):
        _up(link)
        address = link.replace("http", "ws") + "api/v1/sessions/default/ws"
        with connect(address, max_size=None) as ws:
            client = Client(ws)
            client.message("history")
            process.send_signal(number)
            assert client.message("notice")["kind"] == "closing"
            assert client.closed()[0] == 1001
        assert process.wait(WAIT_S) == code


def test_beyond_loopback_the_printed_link_carries_the_token() -> None:
    with serving("--host", "0.0.0.0", "--allow-host", "localhost") as (_, link):
        assert "?token=" in link
        assert link.startswith("http://localhost:")
        assert _up(link).status_code == 200
        address = link.partition("?")[0]
        assert httpx.get(f"{address}healthz").status_code == 200
        assert httpx.get(f"{address}api/v1/models").status_code == 403
        assert httpx.get(f"{address}api/v1/models?{link.partition('?')[2]}").status_code == 200


def test_a_demonstration_is_told_with_its_numbers() -> None:
    told = zonescope("run", "pcp-page", "--model", "minchan-v2", "--json")
    assert told.returncode == 1, told.stderr
    steps = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(one["op"], one["nr_free_pages"]) for one in steps] == [
        (11, 0), (13, 1), (14, 1), (15, 1), (16, 3),
    ]  # fmt: skip
    assert steps[-1]["nr_free"] == [-1, 2, 0, 0]
    words = zonescope("run", "pcp-page", "--model", "minchan-v2").stdout
    assert "I1x broke at operation 15 at order 0: expected 0, got -1" in words
    assert zonescope("run", "offline-online", "--geometry", "vector").returncode == 0


def test_demonstrations_are_listed_and_a_size_that_is_none_is_named() -> None:
    assert "offline-online" in zonescope("scenarios").stdout
    wrong = zonescope("run", "pcp-page", "--geometry", "huge")
    assert wrong.returncode == 2
    assert "toy, vector, zone" in wrong.stderr
    assert wrong.stdout == ""
