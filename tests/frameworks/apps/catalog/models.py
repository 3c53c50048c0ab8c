"""The one table: books, by their title."""

from __future__ import annotations

from django.db import models

__all__ = ("Book",)


class Book(models.Model):
    title = models.CharField(max_length=80)
