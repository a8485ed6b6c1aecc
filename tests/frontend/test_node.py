"""The page's pure modules under node's own test runner; its output is this test's failure."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent


def test_the_pure_modules_of_the_page() -> None:
    node = shutil.which("node")
    assert node is not None, "node is missing: install nodejs (20 or newer)"
    files = sorted(str(path) for path in HERE.glob("*.test.js"))
    assert files
    done = subprocess.run(
        [node, "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
