"""The documentation site: ``make site`` builds it offline, and a warning is an error."""

import re
from importlib import metadata

project = "fundsim"
author = "The fundsim developers"
release = metadata.version("fundsim")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "fundsim"
html_show_copyright = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
nitpicky = False
suppress_warnings = ["misc.highlighting_failure"]  # YAML of schemes has cells that no highlighter knows


def for_the_site(app, page, source):  # noqa: ARG001 - Sphinx hands all three
    """Pages are written to be read in the repository: anchors become Sphinx's own, and links to files their names."""
    text = re.sub(r'<a id="([^"]+)"></a>\n+(?=#)', r"(\1)=\n", source[0])
    text = re.sub(r"(?<!!)\[([^\]]+)\]\(\.\./([^)]+)\)", r"\1 (`\2`)", text)
    source[0] = re.sub(r"\]\(#([^)]+)\)", r"](<project:#\1>)", text)


def setup(app):
    """Register the above."""
    app.connect("source-read", for_the_site)
