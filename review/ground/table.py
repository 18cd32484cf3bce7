"""All rules: the one table that the report, the policy file and docs/review.md go by."""

from collections.abc import Iterator, Mapping

from review.ground.findings import Rule, Section, Severity

_HIGH, _MEDIUM, _LOW, _NOTE = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.NOTE

_DATA: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "What holds data is deleted", "Everything in it is lost: retain it, or say who has agreed."),
    (_HIGH, "What holds data is replaced", "The new one is empty; the old one is deleted or left behind."),
    (_MEDIUM, "What holds data is left behind", "It stays in the account, is billed, and no stack owns it."),
    (_HIGH, "Data is no longer kept when its resource goes", "One wrong change deletes it from now on."),
    (_HIGH, "Protection against deletion is switched off", "Nothing stands between a mistake and the data."),
    (_HIGH, "Tables can be restored less far back, or not at all", "Point-in-time recovery is the way back."),
    (
        _MEDIUM,
        "Items expire otherwise",
        "Expired items are gone; without expiry personal data stays for ever.",
    ),
    (_HIGH, "A replica is removed", "What reads it has to have gone before; its region serves nothing."),
    (_MEDIUM, "Data is kept for a shorter time", "What is older than that is deleted soon after deployment."),
    (_HIGH, "Encryption is weaker, or by another key", "Who may read the old key decides on the old data."),
    (_HIGH, "A bucket is no longer copied", "Another region does not get what is written from then on."),
    (
        _MEDIUM,
        "What holds data may be replaced",
        "CloudFormation decides at deployment: look at a change set.",
    ),
    (_LOW, "A replica is added", "Copying takes minutes to hours, and costs a write for each write."),
    (
        _MEDIUM,
        "New data is not kept when its resource goes",
        "Others of its kind in this stage are retained.",
    ),
    (_MEDIUM, "A table's keys, indexes or stream change", "Readers of the old index or stream find nothing."),
    (_HIGH, "A bucket is emptied when its stack goes", "That is meant for stages that keep nothing."),
    (_HIGH, "A secret's value is generated anew", "What was signed or opened with the old one no longer is."),
    (_MEDIUM, "Data is kept longer, or for ever", "Check it against what people were promised."),
    (
        _HIGH,
        "Nobody can administer a key any more",
        "Its data can be lost with it: leave the account kms:PutKeyPolicy.",
    ),
    (
        _HIGH,
        "What is read is archived",
        "It has to be restored, for minutes to days, before anything reads it.",
    ),
)
_ACCESS: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "A role may do more", "The call in brackets is allowed afterwards and was not."),
    (_HIGH, "What a role may do cannot be compared", "Counted as wider: read the statements."),
    (_NOTE, "A role may do less", "If it still needs what it loses, it fails when it asks."),
    (_HIGH, "A role may do everything of a service, or to everything", "Name the actions and resources."),
    (_HIGH, "More may take on a role", "Whoever can take it on has all its rights."),
    (_HIGH, "A resource lets more in", "By its own policy, whatever roles say."),
    (_HIGH, "A route answers everybody", "No authorisation is asked for: it is public."),
    (_HIGH, "The block on public access is weaker", "One wrong policy makes the bucket public."),
    (_HIGH, "A denial is gone", "What was refused to everybody is decided by roles again."),
    (_MEDIUM, "Who may call a route is decided otherwise", "Callers of today may be refused."),
    (_MEDIUM, "Other web pages may call the API", "Their origins, methods or headers are allowed."),
    (
        _MEDIUM,
        "Limits on calls are higher, or gone",
        "What protects the rest, and the bill, from one caller.",
    ),
    (_MEDIUM, "A route is no longer answered", "Its callers get 404."),
    (_LOW, "A new role", "What it may do is listed."),
    (
        _MEDIUM,
        "Something runs as another role, in another network, or leads to another account",
        "Its rights and its reach change.",
    ),
    (_HIGH, "Managed policies are attached, or a boundary is gone", "Their rights stand in no template."),
    (_HIGH, "Something can be reached from the internet", "By an address of its own, or an open port."),
    (_LOW, "A resource lets fewer in", "Who is left out fails when it asks."),
    (_LOW, "A new route", "It asks for authorisation."),
    (_MEDIUM, "Fewer may take on a role", "Whoever loses it fails at once."),
    (_MEDIUM, "Callers are refused from now on", "What calls by that permission, statement or role fails."),
    (_MEDIUM, "A name leads elsewhere, or nowhere", "Whoever comes by it reaches something else."),
    (
        _HIGH,
        "Connections are less secure",
        "What is not encrypted can be read; who is not verified may be anybody.",
    ),
    (_HIGH, "A stack is deployed by others", "Their rights decide what a deployment can do."),
    (_MEDIUM, "Messages or results go to others too", "What they hold goes along: look who reads it there."),
    (_HIGH, "Something comes in that the review does not see", "Read where it stands, or make it an asset."),
    (_HIGH, "A secret stands where it can be read", "Keep it in Secrets Manager, and name it only."),
)
_WATCH: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "An alarm is removed", "Nobody hears of what it watched."),
    (_HIGH, "An alarm tells nobody, or fewer", "Its actions are gone or switched off."),
    (_MEDIUM, "An alarm begins at another value or time", "Later, or more often, than before."),
    (_MEDIUM, "An alarm takes missing data otherwise", "A silent metric may be the failure itself."),
    (_MEDIUM, "An alarm watches something else", "Another metric, dimension or statistic."),
    (_MEDIUM, "A dashboard goes", "Links to it lead nowhere."),
    (_HIGH, "Somebody is no longer told", "A subscription is removed or leads elsewhere."),
    (_HIGH, "Events are no longer passed on", "A rule is removed, disabled, or matches other events."),
    (_MEDIUM, "Less is logged or traced", "What went wrong cannot be looked up afterwards."),
    (_HIGH, "Failed messages are no longer kept", "They are lost without a dead-letter queue."),
    (_NOTE, "An alarm is new, or tells more people", "An e-mail subscription has to be confirmed."),
    (_LOW, "A dashboard shows something else", "Graphs are added, removed or changed."),
)
_FLOW: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "A workflow is removed or replaced", "Running executions end; history and ARN are others."),
    (_MEDIUM, "States are added or removed", "Executions that run keep the old definition."),
    (_MEDIUM, "Transitions change", "Another way through the workflow."),
    (_MEDIUM, "SQL changes", "Models learn from, and lists are made of, other rows."),
    (_MEDIUM, "A deadline is shorter", "What took longer is ended, and counts as failed."),
    (_LOW, "A deadline is longer", "A hanging step is noticed later."),
    (
        _MEDIUM,
        "Retries or what catches errors change",
        "A passing fault may end the run, or repeat for long.",
    ),
    (_MEDIUM, "A step does something else", "Its arguments, output, condition or resource."),
    (_MEDIUM, "A schedule runs at other times", "Freshness and cost follow."),
    (_HIGH, "A schedule is off or gone", "Nothing starts what it started."),
    (_HIGH, "Messages are taken otherwise, or no longer", "The queue fills, or is emptied faster."),
    (_LOW, "A function's settings change", "Environment, runtime, layers, storage."),
    (_HIGH, "A function is removed, replaced, or cannot run", "Whoever calls it fails."),
    (_NOTE, "Code changes", "It is reviewed as such."),
    (_MEDIUM, "As much runs at once as before no longer", "The database and other calls feel it."),
    (_NOTE, "A workflow's or a query's words change", "Comments and layout; it does the same."),
    (_LOW, "A new workflow, schedule or function", "It begins with the deployment."),
    (_MEDIUM, "A message lives otherwise", "Delay, visibility, size or repetition."),
    (
        _HIGH,
        "What is started, or called, is no part of the assembly",
        "It takes all that its role may do: read both.",
    ),
)
_COST: tuple[tuple[Severity, str, str], ...] = (
    (_MEDIUM, "Memory or size grows", "Functions are billed by memory and time."),
    (_NOTE, "Memory or size shrinks", "A function may get slower, or run out of it."),
    (_MEDIUM, "Something runs more often", "Each run costs imports, training or requests."),
    (_NOTE, "Something runs less often", "Lists are older."),
    (_MEDIUM, "Capacity is paid for whether it is used or not", "Fixed throughput or concurrency."),
    (_LOW, "More is billed by the month", "Alarms, keys, secrets, dashboards, longer retention."),
    (_MEDIUM, "The estimate grows by more than the policy allows", "By the lines of the cost section."),
)
_PLAN: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "It cannot be deployed", "Nothing on the way there helps: change the change."),
    (_HIGH, "A stack needs more than one deployment", "At once it is refused: make each part a change."),
    (_HIGH, "A name is taken", "The old one still has it when the new one is made: creation fails."),
    (_MEDIUM, "A stack is removed", "Its retained resources stay and belong to nobody."),
    (_LOW, "A stack is new", "It is deployed for the first time: bootstrap its region before."),
    (_MEDIUM, "A stack moves to another account or region", "It is a new one; the old one is not removed."),
)
_MODEL: tuple[tuple[Severity, str, str], ...] = (
    (_HIGH, "A dataset group is replaced", "Another name is another group: import and train all again."),
    (_HIGH, "A solution is replaced", "Another recipe or name is another model: it is trained anew."),
    (_MEDIUM, "A dataset or schema is replaced", "Its data is imported again; models are older until then."),
    (
        _HIGH,
        "More dataset groups than an account may have",
        "Five per account and region: ask for more, or in turn.",
    ),
    (_MEDIUM, "An event tracker is replaced", "Events sent with the old tracking id are lost."),
    (_LOW, "A filter is replaced", "It is made anew; requests by the old ARN fail."),
    (_MEDIUM, "How a model is trained changes", "The next training learns otherwise: compare its metrics."),
    (_LOW, "A new dataset group", "It is imported and trained for the first time, and counts to the quota."),
    (
        _MEDIUM,
        "Something of Personalize goes",
        "Versions and jobs that CloudFormation does not know go first.",
    ),
)
_POLICY: tuple[tuple[Severity, str, str], ...] = (
    (_MEDIUM, "A finding of a policy is acknowledged anew", "Its reason is part of this review."),
    (_NOTE, "An acknowledgement is gone", "The finding is too, or synthesis would fail."),
    (_MEDIUM, "A new finding of a policy", "Of the plugins of the synthesis."),
    (_NOTE, "A finding of a policy is gone", "Nothing to do."),
)
_REST: tuple[tuple[Severity, str, str], ...] = (
    (_LOW, "Changed, not classified", "No rule knows this property: read it."),
    (_NOTE, "Only words change", "Descriptions, titles, tags, metadata."),
    (_NOTE, "A new resource", "No rule has anything to say of it."),
    (_MEDIUM, "A resource goes", "Who uses it, by name or by ARN?"),
    (_MEDIUM, "A resource is replaced", "What knows the old one by name or ARN has to follow."),
    (_LOW, "A template changes besides its resources", "Outputs, parameters, conditions."),
    (_LOW, "What people read changes", "Texts of e-mails."),
    (_NOTE, "The same, written otherwise", "Order or layout of a template."),
    (
        _HIGH,
        "A template cannot be read",
        "CloudFormation would refuse it; nothing else was said of that part.",
    ),
    (_MEDIUM, "A new resource of a kind that no rule knows", "Read what it does, and who can reach it."),
)

_ALL: Mapping[str, tuple[Section, tuple[tuple[Severity, str, str], ...]]] = {
    "DATA": (Section.DATA, _DATA),
    "ACCESS": (Section.ACCESS, _ACCESS),
    "WATCH": (Section.WATCH, _WATCH),
    "FLOW": (Section.FLOW, _FLOW),
    "COST": (Section.COST, _COST),
    "PLAN": (Section.PLAN, _PLAN),
    "MODEL": (Section.MODEL, _MODEL),
    "POLICY": (Section.POLICY, _POLICY),
    "REST": (Section.REST, _REST),
}


def _rules() -> Iterator[Rule]:
    for word, (section, rows) in _ALL.items():
        for number, (severity, what, then) in enumerate(rows, start=1):
            yield Rule(
                id=f"REVIEW-{word}-{number:03}", severity=severity, section=section, what=what, then=then
            )


RULES: Mapping[str, Rule] = {rule.id: rule for rule in _rules()}
"""by id"""
