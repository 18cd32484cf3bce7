"""What jobs run. All that varies comes in by the environment: no text of an event is put into a command."""

_PATH = 'export PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"'
_FLAGS = "--require-approval never --ci --no-color --no-notices --progress events"
ASSEMBLY = "cdk.out.tar.gz"
"""A folder loses who may execute what when it is kept as an artefact."""

INSTALL = "make install"
CHECK = "make check"
TEST = "make test"
SYNTH = f"make synth\ntar --create --gzip --file {ASSEMBLY} cdk.out\n"
UNPACK = f"tar --extract --gzip --file {ASSEMBLY}"

REVIEW = """\
printf '%s\\n' "$DESCRIPTION" > description.md
.venv/bin/python -m review "$BASE" "$HEAD" \\
  --description description.md --markdown review.md --whole review-whole.md --json review.json
"""

TURNS = f"""\
{_PATH}
python -m delivery turns --stage "$STAGE" --assembly cdk.out \\
  --json turns.json --markdown turns.md --gitlab turns.yml
cat turns.md
"""

PREPARE = f"""\
{_PATH}
read -r -a alarms <<< "$ALARMS"
cdk deploy "$STACK_ID" --app cdk.out --exclusively --method prepare-change-set \\
  --change-set-name "$CHANGE_SET" \\
  --rollback-trigger-alarm-arns "${{alarms[@]}}" --monitoring-time-minutes "$BAKE_MINUTES" \\
  {_FLAGS}
python -m delivery changes --stage "$STAGE" --region "$REGION" --stack "$STACK" --change-set "$CHANGE_SET" \\
  --markdown changes.md --variables changes.env
cat changes.md
"""

EXECUTE = f"""\
{_PATH}
cdk deploy "$STACK_ID" --app cdk.out --exclusively --method execute-change-set \\
  --change-set-name "$CHANGE_SET_ID" \\
  {_FLAGS}
"""

SMOKE = f"""\
{_PATH}
python -m delivery smoke --stage "$STAGE" --region "$REGION" --expect "$EXPECTED"
"""
