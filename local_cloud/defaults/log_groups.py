"""Log groups of CloudWatch: API reference, CreateLogGroup."""

from typing import Any

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from local_cloud.ground.patching import replace

_CLASSES = ("STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS")


def install() -> None:
    """moto knows no classes. Here a class is kept and told; every group can do what the standard one can."""

    def create(self: Any) -> Any:
        named = self._get_param("logGroupClass") or _CLASSES[0]
        if named not in _CLASSES:
            raise InvalidParameterException(
                constraint=f"Member must satisfy enum value set: [{', '.join(_CLASSES)}]",
                parameter="logGroupClass",
                value=named,
            )
        answer = stock_create(self)
        self.logs_backend.groups[self._get_param("logGroupName")].log_group_class = named
        return answer

    def describe(self: Any) -> dict[str, Any]:
        # Services make groups too, and those name no class.
        return {**stock_describe(self), "logGroupClass": getattr(self, "log_group_class", _CLASSES[0])}

    stock_create = replace(LogsResponse, "create_log_group", create)
    stock_describe = replace(LogGroup, "to_describe_dict", describe)
