"""A Model Context Protocol server, by the `mcp` package: tools over streamable HTTP at `/mcp`."""

from __future__ import annotations

from mcp.server.mcpserver import Context, MCPServer
from starlette.applications import Starlette

__all__ = ("create_app",)


def create_app(*, answers_json: bool = False) -> Starlette:
    """Return a new server; its app has a lifespan, without which no request is answered."""
    server = MCPServer("shop", log_level="ERROR")

    async def add(a: int, b: int) -> int:
        return a + b

    async def count(to: int, ctx: Context) -> str:
        """Report each number as progress."""
        for number in range(1, to + 1):
            await ctx.report_progress(number, to)
        return "counted"

    async def announce(ctx: Context) -> str:
        """Tell the client, on the stream that it has open, that there are other tools now."""
        await ctx.session.send_tool_list_changed()
        return "announced"

    for tool in (add, count, announce):
        server.add_tool(tool)
    return server.streamable_http_app(json_response=answers_json, host="testserver")
