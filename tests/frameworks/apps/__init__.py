"""The shops: one module per framework with `create_app(log)`; `shop` says what they all do."""
