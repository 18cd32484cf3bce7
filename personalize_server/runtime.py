"""Recommendations and rankings while the asker waits."""

import sqlite3
import uuid
from collections.abc import Mapping, Sequence

import numpy as np

from engine.arrays import Floats
from engine.histories import Histories
from engine.ranking import top
from engine.vocabulary import lookup
from personalize_server.actions.serving import ActionServing
from personalize_server.batch import ranked
from personalize_server.context import Answer, Context, Request
from personalize_server.deployments import Deployment, Deployments
from personalize_server.errors import InvalidInput, NotImplementedYet
from personalize_server.filters.applying import Parameters
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.filters.parser import parse_filter
from personalize_server.options import Options
from personalize_server.put_records import newest_cells, open_reader

_DEFAULT_RESULTS = 25
_MOST_RESULTS = 500


class Runtime:
    """Used on the event loop; reads events of users past the control plane, on a connection of its own."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._deployments = Deployments(options)
        self._actions = ActionServing(options)
        self._reader: sqlite3.Connection = open_reader(options.state_file)

    def close(self) -> None:
        self._reader.close()

    async def get_recommendations(self, context: Context, request: Request) -> Answer:
        _refuse(request, "promotions", "metadataColumns")
        if ("campaignArn" in request) == ("recommenderArn" in request):
            raise InvalidInput("Either campaignArn or recommenderArn is required.")
        kind = "Campaign" if "campaignArn" in request else "Recommender"
        count = request.get("numResults", _DEFAULT_RESULTS)
        if count > _MOST_RESULTS:
            raise InvalidInput(f"numResults must be at most {_MOST_RESULTS}.")
        deployment = await self._deployments.of(context, kind, request[f"{kind.lower()}Arn"])
        inference = deployment.inference
        match inference.recipe.type:
            case "RELATED_ITEMS":
                scores = inference.of_items([_needed(request, "itemId")])
            case "PERSONALIZED_RANKING":
                raise InvalidInput("The campaign's recipe is for GetPersonalizedRanking.")
            case "USER_PERSONALIZATION":
                user = _needed(request, "userId")
                scores = inference.of_users([user], self._recent(deployment, user))
            case "PERSONALIZED_ACTIONS":
                raise InvalidInput("The campaign's recipe is for GetActionRecommendations.")
            case _:
                scores = inference.of_users([request.get("userId", "")])
        self._restrict(context, deployment, request, scores)
        items, values = top(scores, count)
        names = inference.model.item_ids[items[0]].tolist()
        listed = [
            {"itemId": name, "score": round(score, 7)} if inference.recipe.scores else {"itemId": name}
            for name, score in zip(names, values[0].tolist(), strict=True)
            if score > -np.inf
        ]
        return {"itemList": listed, "recommendationId": _recommendation_id()}

    async def get_action_recommendations(self, context: Context, request: Request) -> Answer:
        return await self._actions.recommend(context, request)

    async def get_personalized_ranking(self, context: Context, request: Request) -> Answer:
        _refuse(request, "metadataColumns")
        items = request["inputList"]
        if not 1 <= len(items) <= _MOST_RESULTS:
            raise InvalidInput(f"inputList must have 1 to {_MOST_RESULTS} items.")
        deployment = await self._deployments.of(context, "Campaign", request["campaignArn"])
        inference = deployment.inference
        if inference.recipe.type != "PERSONALIZED_RANKING":
            raise InvalidInput("The campaign's recipe is not for GetPersonalizedRanking.")
        user = request["userId"]
        scores = inference.of_users([user], self._recent(deployment, user))
        self._restrict(context, deployment, request, scores)
        names, values = ranked(inference, scores[0], list(dict.fromkeys(items)))
        listed = [{"itemId": name, "score": value} for name, value in zip(names, values, strict=True)]
        return {"personalizedRanking": listed, "recommendationId": _recommendation_id()}

    def _recent(self, deployment: Deployment, user: str) -> Histories | None:
        """What the user did since the model's data was read, as items of the model, oldest first."""
        cells = self._events(deployment, user)
        if not cells:
            return None
        codes = lookup(deployment.inference.model.item_ids, [event["ITEM_ID"] for event in cells])
        items = [int(code) for code in dict.fromkeys(reversed(codes.tolist())) if code >= 0]
        return Histories.of([items[::-1]])

    def _events(self, deployment: Deployment, user: str) -> list[Mapping[str, str]]:
        window = self._options.quotas.filter_window
        events = newest_cells(self._reader, deployment.interactions_arn, user, window)
        return [event for event in events if event.get("ITEM_ID")]

    def _restrict(self, context: Context, deployment: Deployment, request: Request, scores: Floats) -> None:
        """Takes out, in place, what the request's filter does not allow."""
        if "filterArn" not in request:
            return
        record = context.find("Filter", request["filterArn"])
        if not context.active(record):
            raise InvalidInput(f"Resource Arn {record.arn} is not ACTIVE, it is {context.status(record)}.")
        if record.links["datasetGroupArn"] != deployment.group_arn:
            raise InvalidInput("The filter must be of the campaign's dataset group.")
        filter_ = parse_filter(record.body["filterExpression"])
        parameters = tuple(sorted(request.get("filterValues", {}).items()))
        try:
            self._apply(deployment, filter_, parameters, request.get("userId", ""), scores)
        except FilterError as problem:
            raise InvalidInput(str(problem)) from None

    def _apply(
        self, deployment: Deployment, filter_: Filter, parameters: Parameters, user: str, scores: Floats
    ) -> None:
        inference = deployment.inference
        newer: Sequence[tuple[int, str]] = ()
        if user and any(rule.dataset == "INTERACTIONS" for rule in filter_.rules):
            events = self._events(deployment, user)
            codes = lookup(inference.model.item_ids, [event["ITEM_ID"] for event in events])
            pairs = zip(codes.tolist(), events, strict=True)
            newer = [(code, event.get("EVENT_TYPE", "")) for code, event in pairs if code >= 0]
        inference.filters.apply(scores, filter_, parameters, inference.rows([user]), newer)


def _refuse(request: Request, *members: str) -> None:
    for member in members:
        if request.get(member):
            raise NotImplementedYet(f"{member} is not implemented yet.")


def _needed(request: Request, member: str) -> str:
    value = str(request.get(member, ""))
    if not value:
        raise InvalidInput(f"{member} is required by the campaign's recipe.")
    return value


def _recommendation_id() -> str:
    return f"RID-{uuid.uuid4()}"
