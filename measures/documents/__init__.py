"""The words of a document (文件正文): text_of(name, content) for TXT and DOCX, or a sentence why not; unwrapped(text)."""

from measures.documents.reading import DocumentError, text_of
from measures.documents.wrapping import unwrapped

__all__ = ["DocumentError", "text_of", "unwrapped"]
