"""A door to the model of recovery.json, generated from schemas/reports/recovery.schema.json."""

from veracity_generated.reports.recovery import PassedOver, RecoveryReport

__all__ = ["PassedOver", "RecoveryReport"]
