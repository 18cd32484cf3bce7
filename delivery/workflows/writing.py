"""Workflow files as text: YAML with commands as they are run, and the version of each action beside it."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from delivery.workflows.actions import ACTIONS

MADE = "# Made by `python -m delivery files`"
_HEAD = f"""\
{MADE} of config/delivery.py and config/stages.py: change those, or
# {{source}}.
"""
_USES = re.compile(r"(uses: )([\w./-]+)@([0-9a-f]{40})$", re.MULTILINE)
_VERSIONS = {action.sha: action.version for action in ACTIONS}


class _Dumper(yaml.SafeDumper):
    """Lists are indented, and nothing is an anchor."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def written(document: Mapping[str, Any], source: str) -> str:
    """source: the module that says what is in it."""
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    # YAML 1.1 takes the word for a truth value, GitHub does not.
    text = text.replace("'on':", "on:", 1)
    return _HEAD.format(source=source) + _USES.sub(_with_version, text)


def _with_version(match: re.Match[str]) -> str:
    return f"{match[0]}  # {_VERSIONS[match[3]]}"
