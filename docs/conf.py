"""How Sphinx builds this documentation; `scripts/docs.sh` does it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "extensions"))
# Modules are imported to be read from; nothing is computed.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from gansuite import __version__  # noqa: E402  after the path is set

project = "gansuite"
author = "gansuite authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generated"]
exclude_patterns = ["extensions"]
html_theme = "furo"
html_title = f"gansuite {__version__}"
html_copy_source = False
html_show_sourcelink = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Docstrings quote names with single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False
# "Returns: scalar float32: …" is prose, no name of a class.
napoleon_use_rtype = False

# Names of other packages, which are documented elsewhere.
nitpick_ignore_regex = [
    # What the core keeps for itself.
    (r"py:class", r"gansuite\.(data|training)\..*"),
    # A type variable.
    (r"py:class", r"gansuite\.domain\.Made"),
    (r"py:.*", r"(tf|tensorflow|keras|np|numpy|click|collections|pathlib|typing|types|contextlib)\..*"),
]
