"""HTML as a tree, so that every text is escaped when it is written."""

from __future__ import annotations

from xml.etree import ElementTree

Element = ElementTree.Element
Child = Element | str | None


def element(tag: str, *children: Child, **attributes: str | int | float) -> Element:
    """Make an element.

    Args:
        tag: its name.
        children: elements and texts in order; None is left out.
        attributes: an underscore at the end is dropped and one inside becomes a hyphen, so that
            `class_` and `stroke_width` can be written.
    """
    names = {name.rstrip("_").replace("_", "-"): str(value) for name, value in attributes.items()}
    made = Element(tag, names)
    for child in children:
        _append(made, child)
    return made


def written(root: Element) -> bytes:
    """Write a whole HTML document."""
    text = ElementTree.tostring(root, encoding="unicode", method="html")
    # A file name may hold bytes that are no text.
    return ("<!doctype html>\n" + text).encode("utf-8", errors="replace")


def _append(parent: Element, child: Child) -> None:
    if child is None:
        return
    if not isinstance(child, str):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + child
    else:
        parent.text = (parent.text or "") + child
