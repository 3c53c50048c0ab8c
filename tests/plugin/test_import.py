"""What the plugin costs those who only have it installed."""

from __future__ import annotations

import sys
import tomllib

from tests.processes import REPOSITORY, run_script

NEW = """
import json, sys
import pytest
before = set(sys.modules)
import asgi_testkit.pytest_plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_plugin_loads_the_settings_and_its_own_modules_beside_the_standard_library() -> None:
    new = run_script(NEW)

    own = [name for name in new if name.startswith("asgi_testkit")]
    kinds = {".".join(name.split(".")[:2]) for name in own}
    assert kinds == {"asgi_testkit", "asgi_testkit.pytest_plugin", "asgi_testkit.settings"}
    others = {name.split(".")[0] for name in set(new) - set(own)}
    assert others <= sys.stdlib_module_names - {"asyncio"}


def test_distribution_declares_the_plugin() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["entry-points"] == {"pytest11": {"asgi_testkit": "asgi_testkit.pytest_plugin"}}
