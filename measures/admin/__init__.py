"""Entry pages of the ledger."""

from measures.admin import figures, plan, proof, start, work

__all__ = ["figures", "plan", "proof", "start", "work"]
