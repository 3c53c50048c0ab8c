"""The same endless stream in several frameworks, at `/feed`, and as events at `/events`."""
