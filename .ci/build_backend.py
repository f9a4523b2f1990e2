"""The build backend: setuptools' own, with the catalogues of translations compiled for a wheel.

An sdist and an editable installation carry the .po alone: what is installed in place reads it, so it is never stale.
"""

import shutil
import sys
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  the hooks that are as they are

ROOT = Path(__file__).parents[1]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Build a wheel with a .mo beside each .po; neither the .mo nor an earlier build's modules are left behind."""
    compiled = compile_catalogs()
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # setuptools packs what it finds there
    try:
        return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
    finally:
        for file in compiled:
            file.unlink()


def build_sdist(sdist_directory, config_settings=None):
    """Build an sdist with this file in it, which setuptools adds only if a manifest says so."""
    manifest = ROOT / "MANIFEST.in"
    manifest.write_text("include .ci/build_backend.py\n")
    try:
        return build_meta.build_sdist(sdist_directory, config_settings)
    finally:
        manifest.unlink()


def compile_catalogs() -> list[Path]:
    """Write a .mo beside each .po; return their paths."""
    sys.path.insert(0, str(ROOT))
    from reference_tests.i18n.po import read_po, write_mo

    compiled = []
    for source in (ROOT / "reference_tests" / "i18n" / "locale").rglob("*.po"):
        write_mo(read_po(source), source.with_suffix(".mo"))
        compiled.append(source.with_suffix(".mo"))
    return compiled
