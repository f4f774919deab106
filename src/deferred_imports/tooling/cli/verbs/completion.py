"""The verb `completion`: what makes a shell complete the command."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.description = """Print a shell completion script. Add this line to your shell's start-up file: eval
        "$(deferred-imports completion bash)", the same with zsh, or deferred-imports completion fish | source."""
    parser.epilog = "Example: deferred-imports completion bash"
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))


def run(arguments: argparse.Namespace) -> int:
    """Print a script for the shell, and return the exit code."""
    from argcomplete.shell_integration import shellcode

    script = shellcode(["deferred-imports"], shell=arguments.shell)
    if arguments.shell == "zsh":  # its completion has to be switched on; the first line stays, for those who save it
        first, _, rest = script.partition("\n")
        script = f"{first}\n(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}\n{rest}"
    print(script)
    return 0
