"""Whose code a file holds."""

from __future__ import annotations

import sysconfig
from pathlib import Path

from asgi_testkit.drive.places import Owner, owner_of


def test_a_script_that_is_installed_is_a_librarys() -> None:
    assert owner_of(str(Path(sysconfig.get_path("scripts")) / "pytest")) is Owner.LIBRARY


def test_a_file_that_is_not_installed_is_the_apps() -> None:
    assert owner_of(__file__) is Owner.APP
