"""The verb `init`: what a `pyproject.toml` lacks to declare deferred imports. Read `proposal` first."""
