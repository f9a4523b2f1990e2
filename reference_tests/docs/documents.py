"""Pages of the site that are documents of the repository: the same text, with links that lead to where they lie now."""

import posixpath
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/convcheck/convcheck/blob/main/"
DOCUMENTS = {  # page -> the document
    "handbook/grading.md": "reference_tests/grading/README.md",
    "handbook/grading.ja.md": "reference_tests/grading/README.ja.md",
    "handbook/cluster.md": "reference_tests/docs/cluster.md",
    "handbook/security.md": ".github/SECURITY.md",
    "handbook/schemas.md": ".github/SCHEMAS.md",
    "reference/conventions.md": ".github/CONVENTIONS.md",
    "reference/architecture.md": ".github/ARCHITECTURE.md",
    "reference/benchmarks.md": "reference_tests/benchmarks/README.md",
}
MODULES = {  # page -> (title, package)
    "reference/functional.md": ("impl.functional", "impl/functional"),
    "reference/plain.md": ("impl.plain", "impl/plain"),
}
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def page_of(name: str) -> str:
    """Return the text of a page that is a document, its links made good."""
    document = DOCUMENTS[name]
    text = (ROOT / document).read_text(encoding="utf-8")
    return LINK.sub(lambda link: f"]({target_of(link[1], link[2] or '', document, name)})", text)


def target_of(link: str, anchor: str, document: str, name: str) -> str:
    """Return where a link of a document leads on the site: to another of its pages, else to the repository."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(document), link))
    pages = {source: page for page, source in DOCUMENTS.items()}
    if path in pages:
        return posixpath.relpath(pages[path], posixpath.dirname(name)) + anchor
    return REPOSITORY + path + anchor


def module_page(name: str) -> str:
    """Return a page with the public functions and classes of every module of a package."""
    title, folder = MODULES[name]
    modules = sorted(p.stem for p in (ROOT / folder).glob("*.py") if not p.stem.startswith("_"))
    parts = [f"## {module}\n\n::: {title}.{module}\n    options:\n      heading_level: 3\n" for module in modules]
    return f"# {title}\n\n" + "\n".join(parts)
