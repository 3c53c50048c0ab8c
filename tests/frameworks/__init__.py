"""One shop written in every framework, and the tests they all pass through our clients."""
