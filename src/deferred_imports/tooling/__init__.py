"""Author time and build time, private: what the command and the build hook share; a deployed program never imports it.

Not public: use the command, the hook and the names of `deferred_imports`; anything here may move in any version.
"""
