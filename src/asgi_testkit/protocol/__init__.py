"""The protocol layer: every ASGI rule and every "what happens next", without I/O.

No module below waits, reads a clock, starts a thread or knows a client library. An exchange is
told what the app and the client side do, in their order, and answers what each may see.
"""
