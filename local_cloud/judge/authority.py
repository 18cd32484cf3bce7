"""The judge of this cloud: who may do what, as policies are deployed at this moment."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from moto.sts.models import sts_backends

from local_cloud.ground.clients import Keys
from local_cloud.ground.settings import Rights, Settings
from local_cloud.judge import deployed
from local_cloud.judge.actions.need import Need
from local_cloud.judge.callers import Caller, Callers
from local_cloud.judge.recording import Recording
from local_cloud.judge.refusals import Refused
from rights import principals, words
from rights.errors import BadPolicy, Undecidable
from rights.evaluation import Call, Decision, Policies, evaluate
from rights.patterns import Context, Value
from rights.principals import Principal

_SECONDS = 30 * 24 * 3600
"""that sessions of roles last; nothing renews those of functions' processes"""
_log = logging.getLogger(__name__)


class Authority:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.recording = Recording(settings.state_dir)
        self.callers = Callers(settings)
        self._sessions: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    @property
    def judges(self) -> bool:
        return self._settings.rights is not Rights.OFF

    def assume(self, role: str, service: str, session: str, source: str) -> Keys | None:
        """Credentials of a role for a service that works for `source`, an ARN; None, if nothing is judged.

        Raises: Refused, if the role does not trust the service, or there is none.
        """
        if not self.judges:
            return None
        need = Need(action="sts:AssumeRole", resource=role)
        try:
            self.service_needs(service, [need], source)
        except LookupError as missing:
            raise Refused(f"{service} cannot assume the role: {missing}") from None
        return self._keys(role, session)

    def machine_keys(self, role: str) -> Keys | None:
        """What a state machine of this role has had since it began; None, if nothing is judged.

        Raises: Refused, for a role that no state machine has, and that does not trust Step Functions.
        """
        if not self.judges:
            return None
        with self._lock:
            known = next((held for (arn, _), held in self._sessions.items() if arn == role), None)
        return _as_keys(known) if known else self.assume(role, "states.amazonaws.com", "session", role)

    def _keys(self, role: str, session: str) -> Keys:
        with self._lock:
            held = self._sessions.get((role, session))
            if held is None:
                account = self._settings.account
                held = self._sessions[role, session] = sts_backends[account]["aws"].assume_role(
                    region_name=self._settings.region,
                    role_session_name=session,
                    role_arn=role,
                    policy="",
                    duration=_SECONDS,
                    external_id="",
                )
        return _as_keys(held)

    def role_needs(self, keys: Keys | None, needs: Iterable[Need]) -> None:
        """What a service does with a role's credentials within this process. Raises: Refused."""
        if keys is not None:
            self.caller_needs(self.callers.find(keys.key_id), needs, self._settings.region)

    def caller_needs(self, caller: Caller, needs: Iterable[Need], region: str) -> None:
        """Raises: Refused, by the first that is not allowed."""
        if caller.holders is None:
            return
        if caller.principal.service:
            try:
                self.service_needs(caller.principal.arn, needs, self._work_of(caller.principal.arn, region))
            except LookupError as missing:
                raise Refused(f"{caller.principal.arn} cannot do this: {missing}") from None
            return
        for need in needs:
            context = _context(caller.principal, region) | dict(need.context)
            self._judge(caller.principal, need, context, caller)
            if caller.works_for:
                self.service_needs(caller.works_for, [need], self._work_of(caller.works_for, region))

    def _work_of(self, service: str, region: str) -> str:
        """For what a service asks; which of its jobs it is nobody tells."""
        return f"arn:aws:{service.partition('.')[0]}:{region}:{self._settings.account}:job"

    def service_needs(self, service: str, needs: Iterable[Need], source: str) -> None:
        """What a service does by itself, for the resource `source`. Raises: Refused."""
        if not self.judges:
            return
        principal = principals.service(service, self._settings.account)
        for need in needs:
            context = _context(principal, self._settings.region) | dict(need.context)
            account = self._settings.account
            context |= {"aws:SourceArn": source, "aws:SourceAccount": account, "aws:SourceOwner": account}
            self._judge(principal, need, context, None)

    def note(self, call: Call, decision: Decision) -> None:
        """What was decided elsewhere."""
        if self.judges:
            self.recording.add(call, decision)

    def _judge(self, principal: Principal, need: Need, context: Context, caller: Caller | None) -> None:
        call = Call(principal=principal, action=need.action, resource=need.resource, context=context)
        try:
            decision = evaluate(call, self._policies(call, caller))
        except (BadPolicy, Undecidable) as problem:
            self._refuse(
                f"The local cloud cannot judge {call.action} on {call.resource}: {problem}", new=True
            )
            return
        new = self.recording.add(call, decision)
        if not decision.allowed:
            self._refuse(words.refusal(call, decision), new=new)

    def _policies(self, call: Call, caller: Caller | None) -> Policies:
        own = caller.policies() if caller else Policies()
        # A role's own policy says who may assume it, not who may hand it on.
        if call.resource == "*" or call.action == "iam:PassRole":
            return own
        of_resource, must_allow = deployed.resource_statements(call.resource, self._settings.account)
        return replace(own, resource=of_resource, resource_must_allow=must_allow)

    def _refuse(self, message: str, *, new: bool) -> None:
        if new:
            _log.warning(message)
        if self._settings.rights is Rights.ENFORCE:
            raise Refused(message)


def _as_keys(held: Any) -> Keys:
    return Keys(held.access_key_id, held.secret_access_key, held.session_token)


def _context(principal: Principal, region: str) -> dict[str, Value]:
    """What is known of every call; None is known to be absent. The way within this machine stands for TLS."""
    return {
        "aws:SecureTransport": "true",
        "aws:PrincipalAccount": None if principal.service else principal.account,
        "aws:PrincipalArn": None if principal.service else principal.role or principal.arn,
        "aws:PrincipalIsAWSService": "true" if principal.service else "false",
        "aws:PrincipalOrgID": None,
        "aws:RequestedRegion": region,
        "aws:ResourceAccount": principal.account,
        "aws:SourceAccount": None,
        "aws:SourceArn": None,
        "aws:SourceIp": "127.0.0.1",
        # Of the policy that SNS gives a topic; what it means is not documented: roles get nothing by it.
        "aws:SourceOwner": None,
        "aws:SourceVpc": None,
        "aws:SourceVpce": None,
        "aws:ViaAWSService": "false",
    }
