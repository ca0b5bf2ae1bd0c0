"""Entry pages of the ledger."""

from measures.admin import figures, plan, proof, work

__all__ = ["figures", "plan", "proof", "work"]
