"""The client layer: what all clients share, whichever HTTP library they fit.

Options, the app as users hand it in, and the host that a client and its siblings live on.
"""
