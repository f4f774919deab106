"""The generated module `_deferred.py`, and its record in dist-info. Read `render` first."""
