"""The numbers of the formats that builds write, each apart from the others, and changed for itself.

What is baked cannot be recalled: so the lowest is written that says what is needed, and each up to it is read for ever.
What the runtime reads has its own number (`deferred_imports._registries.FORMAT`), and so has the file that it reads
ahead (`deferred_imports.prefetch`).
"""

REGISTRY = 1
"""Of the dictionary `__deferred_imports__` in a generated registry."""

DECLARATION = 1
"""Of the declaration in dist-info, which `list --json` prints, too."""

DECLARATION_FILE = "deferred-imports.json"
