"""The verb `scan`: which imports can be deferred, and what that saves. Read `pipeline` first."""
