"""Articles (材料): what prose proposes for the ledger, what a clerk makes of it, and how that is stored."""
