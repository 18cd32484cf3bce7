"""All beliefs, in the order in which they are checked: what changes most comes last."""

from verification.beliefs import answers, endings, odd_files, run
from verification.beliefs.belief import Belief

BELIEFS: tuple[Belief, ...] = (*run.BELIEFS, *answers.BELIEFS, *odd_files.BELIEFS, *endings.BELIEFS)
