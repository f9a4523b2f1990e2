"""Counts the words of a text and draws the ten most frequent ones."""
import collections
import sys

text = sys.stdin.read() if not sys.stdin.isatty() else "a rose is a rose is a rose"
words = collections.Counter(word.strip(".,;:!?").lower() for word in text.split())
for word, count in words.most_common(10):
    print(f"{word:>12} {'#' * count}")
