"""The session layer: what a test holds while something goes on: a response that streams.

Written once as `async` code; blocking callers run it with `drive.driver.finish`.
"""
