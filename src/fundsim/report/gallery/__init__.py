"""The gallery (方案一览): every scheme of a folder on one page, side by side and then one by one, with its chart.

The page is Markdown that is made from the scenario files alone. What a scheme that extends another has in common with
it is said in one line, so that a reader sees what differs.
"""

from fundsim.report.gallery.exhibits import Exhibit, read_exhibits
from fundsim.report.gallery.files import stale_files, write_gallery
from fundsim.report.gallery.page import page_of

__all__ = ["Exhibit", "page_of", "read_exhibits", "stale_files", "write_gallery"]
