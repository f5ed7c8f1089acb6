"""Numbers that the flows judge: Home Assistant's own errors are English, and some do not name what is allowed."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.helpers.selector import NumberSelector
import voluptuous as vol


class JudgedNumber(NumberSelector):
    """A field that takes any number, so that a flow can say what is wrong with it."""

    @override
    def __call__(self, data: Any) -> float:
        """Validate that a number was typed."""
        number: float = vol.Coerce(float)(data)
        return number

    def allows(self, number: float) -> bool:
        """Tell whether a number is one of those that the field offers."""
        offered: bool = self.config["min"] <= number <= self.config["max"]
        return offered and (self.config["step"] != 1 or number == int(number))


def number_errors(fields: Mapping[Any, Any], typed: Mapping[str, Any]) -> dict[str, str]:
    """Return the errors of the numbers in a form, by field."""
    return {
        str(name): f"{name}_out_of_range"
        for name, field in fields.items()
        if isinstance(field, JudgedNumber) and name in typed and not field.allows(typed[str(name)])
    }
