"""`docs/command-line.md` knows every option and every exit code."""

from __future__ import annotations

import re

import click
import pytest

from asgi_testkit.cli.exits import Exit
from asgi_testkit.cli.main import commands
from tests.processes import REPOSITORY

DOCUMENT = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
CONTEXT = click.Context(commands)


@pytest.mark.parametrize("name", commands.list_commands(CONTEXT))
def test_every_option_is_in_the_document(name: str) -> None:
    command = commands.get_command(CONTEXT, name)
    assert command is not None
    names = {
        spelling
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }

    told = set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", DOCUMENT))

    assert f"## `{name} " in DOCUMENT
    assert names - told == set()


def test_every_exit_code_is_in_the_table() -> None:
    rows = re.findall(r"^\| ([\d, ]+) \|", DOCUMENT.partition("## Exit codes")[2], re.MULTILINE)

    told = [int(code) for row in rows for code in row.split(",")]

    assert told == sorted(Exit)


@pytest.mark.parametrize("name", commands.list_commands(CONTEXT))
def test_every_option_says_in_the_help_what_it_does(name: str) -> None:
    command = commands.get_command(CONTEXT, name)
    assert command is not None

    options = [one for one in command.params if isinstance(one, click.Option)]

    assert [one.opts for one in options if not one.help] == []
