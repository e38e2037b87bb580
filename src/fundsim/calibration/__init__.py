"""Fitting a claims model: to records, to grouped tables, or to published figures (校准)."""

from fundsim.calibration.backtest import Backtest, Forecast, backtest
from fundsim.calibration.calibrating import calibrate
from fundsim.calibration.care import Choices
from fundsim.calibration.errors import CalibrationError, FitError
from fundsim.calibration.experience import Experience
from fundsim.calibration.fit import Fit, bootstrapped, fit
from fundsim.calibration.grouped_result import GroupedCalibration, calibrate_grouped
from fundsim.calibration.observations import Observations
from fundsim.calibration.result import Calibration

__all__ = [
    "Backtest",
    "Calibration",
    "CalibrationError",
    "Choices",
    "Experience",
    "Fit",
    "FitError",
    "Forecast",
    "GroupedCalibration",
    "Observations",
    "backtest",
    "bootstrapped",
    "calibrate",
    "calibrate_grouped",
    "fit",
]
