"""Author time and build time: what the command and the build hook share; a deployed program never imports it."""
