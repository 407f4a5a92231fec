"""Statistics of determinations by list, agency and outcome, and what was overruled, for reviewers. Names nobody."""
