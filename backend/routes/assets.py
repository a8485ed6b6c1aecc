"""The page's files and Plotly's script, as they lie on disk.

Browsers keep both for good, under paths that name their version: Plotly's, which is compressed
once, that of the installed package, and those of the page's own files what all of them hold. Only
`/`, and files asked for by their plain paths, are asked for anew each time (ETag, 304). So is a
file under a version that is not its own: a page that was opened before a change finds the file of
now, and no browser keeps it under the name of what was there before.
"""

import asyncio
import gzip
import hashlib
import os
import re
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FRONTEND: Final = Path(__file__).parents[2] / "frontend"
"""The page lies beside the package, both in a checkout and when installed."""

PLOTLY_ALIAS: Final = "/assets/plotly.min.js"
PLOTLY_PATH: Final = f"/assets/plotly-{version('plotly')}.min.js"
_SERVED: Final = {".html", ".css", ".js", ".svg", ".png", ".ico", ".woff2", ".json", ".txt"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_OWN: Final = re.compile(r'(?<=")(?=(?:css|js)/)')
"""Where a path of the page's own files begins."""
_EDITION: Final = re.compile(r"^page-([0-9a-f]{16})/(?=(?:css|js)/)")

router = APIRouter(include_in_schema=False)


class PageFiles(StaticFiles):
    """The frontend's folder: only the kinds of files that a page is made of."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, or 404."""
        # Whatever no route takes comes here, so this must tell of those that take other methods.
        allowed = _methods(scope) or ["GET", "HEAD"]
        if scope["method"] not in allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        parts = Path(path).parts
        if Path(path).suffix not in _SERVED or any(part.startswith(".") for part in parts):
            raise HTTPException(404)
        said = _EDITION.match(path)
        response = await super().get_response(path[said.end() :] if said else path, scope)
        own = said is not None and said[1] == await asyncio.to_thread(edition, FRONTEND)
        response.headers["Cache-Control"] = _FOR_EVER if own else "no-cache"
        return response


def _methods(scope: Scope) -> list[str]:
    """The methods that a route of the service takes at this path."""
    routes = [route for route in scope["app"].routes if not isinstance(route, Mount)]
    return [
        method
        for method in ("GET", "HEAD", "POST", "DELETE")
        if any(
            route.matches({**scope, "method": "GET" if method == "HEAD" else method})[0]
            is Match.FULL
            for route in routes
        )
    ]


@router.get("/")
async def index() -> Response:
    """The page; it learns the versioned paths here."""
    text = await asyncio.to_thread(_index)
    return Response(text, media_type="text/html", headers={"Cache-Control": "no-cache"})


def _index() -> str:
    text = (FRONTEND / "index.html").read_text(encoding="utf-8")
    # The page's paths are relative, so that they hold behind a proxy's path too.
    text = text.replace(f'"{PLOTLY_ALIAS[1:]}"', f'"{PLOTLY_PATH[1:]}"')
    return _OWN.sub(f"page-{edition(FRONTEND)}/", text)


def edition(folder: Path) -> str:
    """Tells the page's files of now from those of before, also where one was put back since."""
    paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    return _digest(tuple((path, os.stat(path).st_mtime_ns) for path in sorted(paths)))


@lru_cache(maxsize=1)
def _digest(files_of_now: tuple[tuple[str, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, changed in files_of_now:
        digest.update(f"{path} {changed} ".encode() + Path(path).read_bytes())
    return digest.hexdigest()[:16]


@router.get(PLOTLY_PATH)
@router.get(PLOTLY_ALIAS)
async def plotly(request: Request) -> Response:
    """Plotly's script; compressed for whoever takes it so."""
    plain, packed, tag = await asyncio.to_thread(_plotly)
    for_ever = request.url.path.endswith(PLOTLY_PATH)
    headers = {
        "ETag": tag,
        "Vary": "Accept-Encoding",
        "Cache-Control": _FOR_EVER if for_ever else "no-cache",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(packed, media_type="text/javascript", headers=headers)
    return Response(plain, media_type="text/javascript", headers=headers)


@lru_cache(maxsize=1)
def _plotly() -> tuple[bytes, bytes, str]:
    plain = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return plain, gzip.compress(plain, 6, mtime=0), f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
