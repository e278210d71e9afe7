"""The JSON Schema of a config, made from the models that check it, so that it says what is checked."""

from decimal import Decimal
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DecimalSchema

from veracity.domain.config_models import PARAMS, BacktestConfig


class _TomlJsonSchema(GenerateJsonSchema):
    """TOML numbers are read as exact decimals; text is never a number."""

    def decimal_schema(self, schema: DecimalSchema) -> JsonSchemaValue:
        """The number that pydantic offers beside its text form."""
        options: list[JsonSchemaValue] = super().decimal_schema(schema)["anyOf"]
        return next(option for option in options if option["type"] == "number")

    def encode_default(self, dft: Any) -> Any:
        """A default is a number too, so that an editor that fills it in writes what is allowed."""
        if isinstance(dft, Decimal):
            return int(dft) if dft == dft.to_integral_value() else float(dft)
        return super().encode_default(dft)


def strategies() -> list[str]:
    """Names of the strategies whose parameters have a schema."""
    return list(PARAMS)


def json_schema(strategy: str | None = None) -> dict[str, Any]:
    """The schema of a whole config, or of the parameters of one strategy. Raises KeyError for an unknown one."""
    if strategy is not None:
        return PARAMS[strategy].model_json_schema(schema_generator=_TomlJsonSchema)
    schema = BacktestConfig.model_json_schema(schema_generator=_TomlJsonSchema)
    schema["$defs"]["StrategyConfig"]["allOf"] = [
        {
            "if": {"properties": {"strategy": {"const": name}}},
            "then": {"properties": {"params": json_schema(name)}},
        }
        for name in strategies()
    ]
    return schema
