"""What `init` says of a proposal, in words."""

from __future__ import annotations

from deferred_imports.tooling.init.proposal import Proposal
from deferred_imports.tooling.project import difference as differences
from deferred_imports.tooling.project.tree import shown

NOBODY_TO_ASK = "nothing was written: this is not a terminal; pass --yes to write it"


def difference(proposal: Proposal) -> str:
    """Return what would change, as a diff."""
    name = shown(proposal.path)
    return differences.difference(proposal.old, proposal.new, name, f"{name} (proposed)")


def question(proposal: Proposal) -> str:
    """Return the question before anything is written."""
    return f"Write this to {shown(proposal.path)}? [y/N] "


def complete(proposal: Proposal) -> str:
    """Return what to say where nothing is lacking."""
    return f"{shown(proposal.path)} is complete; there is nothing to add"


def written(proposal: Proposal) -> str:
    """Return what to say when it is written."""
    return f"wrote {shown(proposal.path)}"
