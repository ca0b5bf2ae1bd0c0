"""A report's pillars and actions (提纲): outline(text) → its parts, their steps, and what to look at again."""

from measures.outline.reading import outline
from measures.outline.shape import Outline, Part, Remark, Step

__all__ = ["Outline", "Part", "Remark", "Step", "outline"]
