"""The chats: one module per framework with `create_app(notes)`; `chat` says what they all do."""
