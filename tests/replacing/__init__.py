"""The drop-in, under pytest and by hand."""
