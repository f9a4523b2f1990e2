"""Build the site: python -m reference_tests.docs FOLDER. Pages that are made join those that are written here."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from ..installation import install_command
from ..reports.page import STYLE, TEMPLATES
from . import documents, gallery, matrix

HERE = Path(__file__).parent
SUFFIXES = {"en": "", "ja": ".ja"}


def write_sources(folder: Path) -> None:
    """Write all sources of the site into a folder: the written pages, the documents, the gallery, the style."""
    shutil.copytree(HERE / "pages", folder, dirs_exist_ok=True)
    made = {name: documents.page_of(name) for name in documents.DOCUMENTS}
    made |= {name: documents.module_page(name) for name in documents.MODULES}
    for language, suffix in SUFFIXES.items():
        both = {**gallery.pages(language), **matrix.pages(language)}
        made |= {f"{path}{suffix}.md": text for path, text in both.items()}
    style = (TEMPLATES / STYLE).read_text(encoding="utf-8").replace("color-scheme: light dark;", "")
    for path, text in {**made, "site.css": style + (HERE / "site.css").read_text(encoding="utf-8")}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def build(out: Path) -> None:
    """Build the site into a folder. Raises mkdocs' Abort for a link that leads nowhere, and the like."""
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config

    with tempfile.TemporaryDirectory(prefix="convcheck-") as folder:
        write_sources(Path(folder))
        config = load_config(str(HERE / "mkdocs.yml"), docs_dir=folder, site_dir=str(out.resolve()), strict=True)
        config.plugins.on_startup(command="build", dirty=False)
        build_site(config)


def main() -> None:
    """Build the site into the folder that is named."""
    parser = argparse.ArgumentParser(prog="python -m reference_tests.docs", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    out = parser.parse_args().folder
    try:
        build(out)
    except ModuleNotFoundError as error:
        sys.exit(f"the site needs {error.name}: {install_command('docs')}")
    print(f"{out / 'index.html'}")


if __name__ == "__main__":
    main()
