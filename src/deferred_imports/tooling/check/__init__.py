"""The verb `check`: what is declared stays deferred. Read `pipeline` first."""
