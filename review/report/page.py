"""docs/review.md, made of the table of rules: `python -m review.report.page`."""

from itertools import groupby
from pathlib import Path

from review.ground.table import RULES
from review.report.commits import ROOT
from review.report.markdown import LONGEST

PAGE = Path("docs/review.md")
_INTRODUCTION = f"""\
# What a change does to what is deployed

`make review BASE=origin/main` (or `python -m review BASE HEAD`) compares two commits, working trees or
folders of `cdk synth`, without credentials and without a network, and writes what a reviewer has to
know: as Markdown, as JSON, and as an exit code. It works in forks.

```sh
python -m review origin/main .                 # the working tree against where it left main
python -m review BASE HEAD --markdown review.md --whole whole.md --json review.json --description text.md
python -m review before/cdk.out after/cdk.out  # two assemblies, as `cdk synth --output` leaves them
```

Of two commits, BASE is the one at which HEAD left it: what others have merged since then is no part of
the change. A synth runs the code of the commit, as tests do: in a pull request from outside, run it
where there are no secrets.

The report begins with a verdict and a table of stages and regions; then come, in this order, data at
risk, access, what is no longer watched, workflows, cost per month, the deployment plan, traps of
Personalize, findings of policies, and everything else. Equal findings of several regions, and of several
resources, are one row. The comment (`--markdown`) has at most {LONGEST:,} characters, and says so where
it had to be shortened; `--whole` and `--json` have everything.

- What becomes of a resource (changed, replaced, removed, orphaned) is the word of
  `@aws-cdk/cloudformation-diff`, which knows the properties that replace a resource, and follows
  references to what is replaced. A property that only CloudFormation can judge "may be replaced": a
  change set says so.
- Conditions, parameters with defaults, mappings and `Fn::If` are decided where the template decides them:
  what a condition never leaves there is removed, and is said as that. What stays open (a parameter without
  a default) is taken both ways, and what follows in either is said, with its question: "unless Mode = calm".
- Rights are compared by a test of our own: each statement that allows something must lie within one that
  did, with its actions, resources, principals and conditions. Where it does not, a call is looked for
  that is allowed now and was not, and is judged by the evaluator of the local cloud (`rights/`): it is
  printed. Where none is found, the change is unclear, and counts as wider. All policies of a role are
  compared together, wherever their statements stand.
- Of the assembly's manifest are compared: the roles that deploy a stack, the buckets that its template and
  assets are taken from, what assets of the same name are made of (by every byte, where both folders have
  their files; a synth of the review's own leaves bundled ones in the working tree), and who hears of its
  deployments.
  A stack that no manifest names is not deployed, whatever lies in the folder: it counts as removed.
- A new resource of a kind that no rule knows, and that BASE had none of, is said: severely where the kind
  lets somebody in, runs code or carries data away by being there.
- What a review cannot see is said: macros, nested stacks, custom resources of others, code that is no asset
  of its stack. So are secrets that can be read, and settings that encrypt or verify less.
- A template that is JSON is reviewed, whatever it says: what cannot be read is a finding with its stack and
  logical id. What CloudFormation refuses cannot be deployed: another type under the same logical id, names of
  resources, conditions and mappings that are not there. A manifest that is none is refused (exit code 2).
- What is only written otherwise is no change: order where it means nothing, JSON with other spaces, policies
  as text, defaults written out, the account or region by name.
- A change that no rule knows is said under "Everything else", with the values before and after.
- Costs: what drives the bill is listed, with figures where costs were computed: their sum stands in the
  verdict, a star says that a price is assumed or old, and what they rest on is folded beneath them.

## Exit codes, policy and acknowledgements

0: nothing of the severity in `fail_on`, or all of it acknowledged; 1: findings to be acknowledged or
mended; 2: wrong arguments, or nothing to compare. [`config/review.toml`](../config/review.toml) (or
`--policy FILE`) says what fails a review, and how severe rules and stages are here; that of BASE counts, so
that no change is judged by a policy that it brings. A stage that is only noted there (`Local = "note"`) is no
part of what the verdict says of costs, nor of the limit to them; one that does not exist is refused. It
counts for stacks that BASE had in the same assembly, by the same names, and that go where they went, deployed
as they were, to an account that no other stage has: what is new, moved or only called so is as severe as
anywhere.

A finding is accepted by a line in the description of the pull request (`--description FILE`, or `-` for
standard input; also several times). What Markdown shows as a quotation, a comment or code is none:

```
acknowledge REVIEW-DATA-003 recs-prod-posts: the old group is deleted by hand on Friday
acknowledge REVIEW-FLOW-004: active people only, as agreed with the product team
```

The rule, the resource if only one is meant (as the report shows it; `*` for any characters; between
backticks if it has spaces), and a reason of three words or
more. It stays in the report with its reason. A line that accepts nothing is listed too.

## Severities

**high**: stop, unless it is meant. **medium**: think of it. **low**: look at it. **note**: said, and
nothing to be done about it.

## Rules
"""


def page() -> str:
    parts = [_INTRODUCTION]
    for section, rules in groupby(RULES.values(), key=lambda rule: rule.section):
        parts.append(f"### {section.value}\n")
        parts += ["| rule | severity | what | what follows, or what to do |", "|---|---|---|---|"]
        parts += [f"| {rule.id} | {rule.severity.word} | {rule.what} | {rule.then} |" for rule in rules]
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    (ROOT / PAGE).write_text(page(), encoding="utf-8")
