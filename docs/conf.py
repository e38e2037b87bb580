"""The documentation site: ``make site`` builds it offline, and a warning is an error."""

import re
from importlib import metadata

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

project = "fundsim"
author = "The fundsim developers"
release = metadata.version("fundsim")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "fundsim"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
autodoc_class_signature = "separated"  # results are never constructed by hand
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
nitpicky = False
suppress_warnings = ["misc.highlighting_failure"]  # YAML of schemes has cells that no highlighter knows


def for_the_site(app, page, source):  # noqa: ARG001 - Sphinx hands all three
    """Pages are written to be read in the repository: anchors become Sphinx's own, and links to files their names."""
    text = re.sub(r'<a id="([^"]+)"></a>\n+(?=#)', r"(\1)=\n", source[0])
    text = re.sub(r"(?<!!)\[`?([^\]`]+)`?\]\(\.\./([^)]+)\)", in_the_repository, text)
    source[0] = re.sub(r"\]\(#([^)]+)\)", r"](<project:#\1>)", text)


def in_the_repository(link):
    """The name of a file that is no page; the words of the link too, where they say something else."""
    words, path = link.groups()
    return f"`{path}`" if words.strip("/") == path.strip("/") else f"{words} (`{path}`)"


def no_type_before_a_colon(app, what, name, obj, options, lines):  # noqa: ARG001 - Sphinx hands all six
    """A sentence with a colon is a sentence; the docstring style takes what stands before it for a type."""
    if what in ("property", "attribute") and lines:
        lines[0] = lines[0].replace(": ", " – ", 1)


def in_line(writer, node):
    """A formula in a line, as MathML: no script, no font and no network are needed."""
    writer.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def displayed(writer, node):
    """A formula by itself."""
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app):
    """Register the above."""
    app.connect("source-read", for_the_site)
    app.connect("autodoc-process-docstring", no_type_before_a_colon, priority=100)
    app.add_html_math_renderer("mathml", (in_line, None), (displayed, None))
