"""What is signalled: groups that a child of ours leads, and none else."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import asgi_testkit
from asgi_testkit.servers.groups import LedGroup
from asgi_testkit.servers.lifeline import end_with, end_with_by_thread
from tests.processes import run_script
from tests.servers.places import wait_for_end

WAITS = [sys.executable, "-c", "import signal; signal.pause()"]


def test_signals_are_sent_by_one_module_alone() -> None:
    package = Path(asgi_testkit.__file__).parent
    sends = re.compile(r"\bos\.kill|\bpidfd_send_signal|\.send_signal\(")

    found = [path for path in package.rglob("*.py") if sends.search(path.read_text("utf-8"))]

    assert [path.relative_to(package).as_posix() for path in found] == ["servers/groups.py"]


@pytest.mark.parametrize("pid", [-1, 0, 1])
def test_ids_that_mean_more_than_one_process_are_refused(pid: int) -> None:
    with pytest.raises(ValueError, match=f"^The process {pid} leads no group of its own"):
        LedGroup(pid)


def test_the_tests_own_process_is_refused_though_it_may_lead_a_group() -> None:
    script = (
        "import json, os\n"
        "from asgi_testkit.servers.groups import LedGroup\n"
        "os.setsid()\n"
        "try:\n    LedGroup(os.getpid())\n"
        "except ValueError as error:\n    print(json.dumps(str(error)))"
    )

    assert "leads no group of its own" in run_script(script)


def test_a_child_in_our_own_group_is_refused() -> None:
    with subprocess.Popen(WAITS) as child:
        try:
            with pytest.raises(ValueError, match="leads no group of its own"):
                LedGroup(child.pid)
        finally:
            child.kill()


@pytest.mark.parametrize("send", [LedGroup.ask_leader_to_end, LedGroup.kill])
def test_a_child_that_leads_a_group_is_signalled(send: Callable[[LedGroup], None]) -> None:
    with subprocess.Popen(WAITS, start_new_session=True) as child:
        send(LedGroup(child.pid))

        assert wait_for_end(child.pid)


def test_a_fork_signals_nobody() -> None:
    script = (
        "import json, os, subprocess\n"
        "from asgi_testkit.servers.groups import LedGroup\n"
        "pipes = {'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE}\n"
        "with subprocess.Popen(['cat'], start_new_session=True, **pipes) as child:\n"
        "    group = LedGroup(child.pid)\n"
        "    if not (fork := os.fork()):\n"
        "        group.ask_leader_to_end(), group.kill(), os._exit(0)\n"
        "    os.waitpid(fork, 0)\n"
        "    told = child.communicate(b'lives')[0].decode()\n"
        "print(json.dumps(told))"
    )

    assert run_script(script) == "lives"


@pytest.mark.parametrize("end", [end_with, end_with_by_thread])
def test_a_process_in_the_group_of_another_does_not_hang_it_on_a_pipe(end: Any) -> None:
    script = (
        "import json, os\n"
        f"from asgi_testkit.servers.lifeline import {end.__name__}\n"
        f"try:\n    {end.__name__}(os.pipe()[0])\n"
        "except ValueError as error:\n    print(json.dumps(str(error)))"
    )

    assert run_script(script) == "This process leads no group: others would end with it."
