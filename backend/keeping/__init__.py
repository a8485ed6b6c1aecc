"""Where sessions are kept: the file, and what may be asked of it."""

from backend.keeping.place import StoreError, open_store
from backend.keeping.store import BranchRows, KeptRow, Loaded, Rows, Store

__all__ = [
    "BranchRows",
    "KeptRow",
    "Loaded",
    "Rows",
    "Store",
    "StoreError",
    "open_store",
]
