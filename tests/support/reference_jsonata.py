"""The reference implementation of JSONata, of the version that Step Functions documents, in Node."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# Step Functions' own functions by its documentation; $random and $uuid have no answer to compare.
_SCRIPT = """
const jsonata = require("jsonata"), { createHash } = require("crypto");
const hashes = {
  "MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"
};
const added = {
  parse: (text) => JSON.parse(text),
  hash: (text, name) => createHash(hashes[name]).update(text).digest("hex"),
  range: (first, last, step) => {
    const all = [];
    for (let n = first; step > 0 ? n <= last : n >= last; n += step) all.push(n);
    return all;
  },
  partition: (array, size) => {
    const all = [];
    for (let n = 0; n < array.length; n += size) all.push(array.slice(n, n + size));
    return all;
  },
};
async function answer({ expression, bindings, context }) {
  try {
    const program = jsonata(expression);
    for (const [name, body] of Object.entries(added)) program.registerFunction(name, body);
    const value = await program.evaluate(context, bindings);
    return value === undefined ? { undefined: true } : { value };
  } catch (error) {
    return { error: error.code || String(error) };
  }
}
let text = "";
process.stdin.on("data", (part) => { text += part; });
process.stdin.on("end", async () => {
  const answers = [];
  for (const one of JSON.parse(text)) answers.push(await answer(one));
  process.stdout.write(JSON.stringify(answers));
});
"""


def answers(questions: Sequence[tuple[str, Mapping[str, Any]]], context: Any = None) -> list[dict[str, Any]]:
    """`{"value": ...}`, `{"undefined": true}` or `{"error": code}` of each (expression, variables)."""
    asked = [
        {"expression": expression, "bindings": dict(bindings)}
        | ({} if context is None else {"context": context})
        for expression, bindings in questions
    ]
    node = Path(sys.executable).parent / "node"
    done = subprocess.run(
        [node, "-e", _SCRIPT], input=json.dumps(asked), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answered: list[dict[str, Any]] = json.loads(done.stdout)
    return answered
