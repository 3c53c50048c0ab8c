"""The books as JSON: `GET` lists the titles, `POST` adds one; once blocking, once async."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse, JsonResponse

from .models import Book

__all__ = ("async_books", "books")


def books(request: HttpRequest) -> HttpResponse:
    """Answer in a `def` view, which Django runs in the thread-sensitive thread."""
    if request.method == "POST":
        Book.objects.create(title=json.loads(request.body)["title"])
        return HttpResponse(status=201)
    return JsonResponse([book.title for book in Book.objects.order_by("id")], safe=False)


async def async_books(request: HttpRequest) -> HttpResponse:
    """Answer in an `async def` view, through Django's async queries."""
    if request.method == "POST":
        await Book.objects.acreate(title=json.loads(request.body)["title"])
        return HttpResponse(status=201)
    return JsonResponse([book.title async for book in Book.objects.order_by("id")], safe=False)
