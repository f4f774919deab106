"""What `init` says of a proposal, in words."""

from __future__ import annotations

from deferred_imports.tooling.init.proposal import Proposal
from deferred_imports.tooling.project.difference import as_diff
from deferred_imports.tooling.project.paths import shown

NOBODY_TO_ASK = "nothing was written: this is not a terminal; pass --yes to write it"


def difference(proposal: Proposal) -> str:
    """Return what would change, as a diff."""
    names = [shown(change.path) for change in proposal.changes]
    return "".join(
        as_diff(change.old, change.new, name, f"{name} (proposed)")
        for change, name in zip(proposal.changes, names, strict=True)
    )


def question(proposal: Proposal) -> str:
    """Return the question before anything is written."""
    return f"Write this to {_files(proposal)}? [y/N] "


def complete(proposal: Proposal) -> str:
    """Return what to say where nothing is lacking."""
    return f"{shown(proposal.path)} is complete; there is nothing to add"


def written(proposal: Proposal) -> list[str]:
    """Return what to say when it is written: what to do next, too."""
    return [f"wrote {_files(proposal)}; next:", *proposal.steps]


def _files(proposal: Proposal) -> str:
    return " and ".join(shown(change.path) for change in proposal.changes)
