"""Demonstrations: short stories told on a zone made for them, step by step."""

from backend.scenarios.loader import SCENARIOS, Geometry, Scenario, Step
from backend.scenarios.performance import Performance, Result

__all__ = ["SCENARIOS", "Geometry", "Performance", "Result", "Scenario", "Step"]
