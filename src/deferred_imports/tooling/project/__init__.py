"""A project as it lies in its tree, and all imports in it. Read `discover` first, then `tree`."""
