"""The drive layer: runs apps in event loops, and waits for them with deadlines.

`application` is the only module that awaits the app. A runtime is an event-loop library; a driver
lets blocking or async callers wait for what runs in it.
"""
