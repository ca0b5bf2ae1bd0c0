"""Figures in Chinese prose (成效数字): read(text) → what each counts, how much, and how sure the words say it is."""

from measures.figures.figure import Figure
from measures.figures.reading import read

__all__ = ["Figure", "read"]
