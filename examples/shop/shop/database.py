"""Opening the database. Nothing here knows about HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shop.models import Table

__all__ = ("open_database",)


async def open_database(url: str) -> AsyncEngine:
    """Return an engine whose database has all tables; the caller disposes of it."""
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _prepare_connection)
    async with engine.begin() as connection:
        await connection.run_sync(Table.metadata.create_all)
    return engine


# Any: the driver's own connection and SQLAlchemy's bookkeeping of it have no common type.
def _prepare_connection(connection: Any, _record: Any) -> None:
    """Set what SQLite forgets with every connection.

    With the write-ahead log a long export does not keep orders waiting.
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
