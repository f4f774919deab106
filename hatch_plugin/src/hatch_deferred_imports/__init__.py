"""The hatch build hook of deferred-imports; hatchling alone imports it, through `hooks`."""
