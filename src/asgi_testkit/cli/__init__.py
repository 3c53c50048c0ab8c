"""The command line: `asgi-testkit request`, `websocket`, `check`, `show-trace`."""
