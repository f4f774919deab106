"""The verbs `record` and `profile`: what a start reads, and what reading it ahead gains. Read `pipeline` first."""
