"""What AWS answers to who may not.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from rights.evaluation import Call, Decision


def refusal(call: Call, decision: Decision) -> str:
    asked = (
        f"User: {call.principal.arn} is not authorized to perform: {call.action} on resource: {call.resource}"
    )
    if decision.explicit:
        article = "an" if decision.kind.value[0] in "aeiou" else "a"
        return f"{asked} with an explicit deny in {article} {decision.kind.value}"
    return f"{asked} because no {decision.kind.value} allows the {call.action} action"
