"""Settlement records (结算记录): read, looked over, and made ready for fits without telling of anybody."""

from fundsim.records.enrolment import Exposure
from fundsim.records.loading import read_records
from fundsim.records.privacy import FEWEST, SmallCells
from fundsim.records.problems import RecordsError
from fundsim.records.quality import QualityReport
from fundsim.records.records import PersonYears, Records

__all__ = [
    "FEWEST",
    "Exposure",
    "PersonYears",
    "QualityReport",
    "Records",
    "RecordsError",
    "SmallCells",
    "read_records",
]
