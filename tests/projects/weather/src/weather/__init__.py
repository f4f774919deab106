"""Four years of Seattle weather, summarised and drawn.

What is heavy is declared in pyproject.toml, and the registry made from it is loaded here, so that whoever asks for
everything at start-up (PYDEFER_EAGER=1) has it when ``import weather`` returns.
"""

from . import _deferred as _deferred
