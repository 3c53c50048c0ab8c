"""Starting and stopping again and again; `tests/soak` does it two hundred times."""

from __future__ import annotations

import os

from asgi_testkit import serve
from tests.servers.places import APPS, each_process

STARTS = 5


@each_process
def test_starts_and_stops_in_a_row_all_answer_and_leave_no_process_of_their_group(
    over: str,
) -> None:
    answers, groups = [], []
    server = serve(f"{APPS}:echo", over)
    for _ in range(STARTS):
        with server:
            answers.append(server.client().get("/x").json()["path"])
            assert server.pid is not None
            groups.append(server.pid)

    assert answers == ["/x"] * STARTS
    assert [group for group in groups if _has_processes(group)] == []


def _has_processes(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
