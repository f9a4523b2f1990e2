"""python -m reference_tests.locale: brings the catalogues up to date, and lists what is not translated."""

import sys

from . import po, update


def main() -> int:
    missing = update(("ja",))
    for language, sentences in missing.items():
        for sentence in sentences:
            print(f"{language}: {sentence}")
        print(f"{po(language)}: {len(sentences)} sentences are not translated")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main())
