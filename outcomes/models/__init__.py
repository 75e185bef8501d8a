from outcomes.models.export import MetricsExport

__all__ = ["MetricsExport"]
