"""The generated module `_deferred.py`, and the declaration of it in dist-info. Read `render` first."""
