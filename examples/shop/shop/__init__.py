"""A small web shop: FastAPI in front, SQLite behind, both asynchronous."""

from __future__ import annotations

from shop.app import create_app

__all__ = ("create_app",)
